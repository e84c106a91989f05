/** Every rule of the outcome table is driven over real sockets, and seen in the log, but for those that can't be. */

import { expect, test } from 'vitest'
import { OUTCOME_TABLE, outcomeRow, type RowName } from '../../src/domain/outcome-table.ts'
import { CONFIG, CONNECT } from './cases/connect.ts'
import { BODY, CONTENT } from './cases/content.ts'
import { ENVELOPE } from './cases/envelope.ts'
import { LOGIN } from './cases/login.ts'
import { SESSION } from './cases/session.ts'
import { TLS } from './cases/tls.ts'

const CASES = [CONFIG, CONNECT, TLS, LOGIN, ENVELOPE, BODY, CONTENT, SESSION].flat()
const ROWS = Object.keys(OUTCOME_TABLE).map((name) => outcomeRow(name as RowName))
/** 33 and 41 decide by the rows of others. */
const RULES = new Set([...ROWS.map(({ rule }) => rule), 33, 41])

const NOT_DRIVEN: Record<number, string> = {
  2: 'the runtime says of no connection why it was not opened: a name without an address is rule 4',
  3: 'the same',
}

const NOT_LOGGED: Record<string, string> = {
  '1 relay_config': 'nothing was dialled: told of the recipient, not of a session',
  '2 dns_nxdomain': 'told as rule 4',
  '3 dns_temp': 'told as rule 4',
  '17 tls_untrusted': 'the runtime says of no handshake why it failed: told as rule 16',
  '19 oauth_rejected': 'the token endpoint, not the relay: scenarios/oauth-relay',
  '21 oauth_temp': 'the token endpoint, not the relay: scenarios/oauth-relay',
  '21 auth_unproven': 'SCRAM: scenarios/scram-relay',
  '22 auth_unknown_mechanism': 'the session goes on, and is told by its end',
  '29 rcpt_refused': 'told of the recipient, not of the session',
  '29 rcpt_temp': 'told of the recipient, not of the session',
  '32 too_many_recipients': 'told of the recipient, not of the session',
  '42 quit': 'ignored',
  '46 aborted': 'ours, not the relay: scenarios/canceled-before-the-dot and killed-before-sending',
}

test('every rule is driven, but for a few', () => {
  const driven = new Set(CASES.map(({ rule }) => rule))
  const missing = [...RULES].filter((rule) => !driven.has(rule))
  expect(missing.sort((a, b) => a - b)).toEqual(Object.keys(NOT_DRIVEN).map(Number))
  expect([...driven].filter((rule) => !RULES.has(rule))).toEqual([])
})

test('every word of the log is seen, but for a few', () => {
  const seen = new Set(CASES.flatMap(({ log }) => log))
  const words = new Set(ROWS.map(({ rule, code }) => `${rule} ${code}`))
  const unseen = [...words].filter((word) => !seen.has(word))
  expect(unseen.sort()).toEqual(Object.keys(NOT_LOGGED).sort())
})
