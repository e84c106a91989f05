/** The cells of the fault matrix, and what the outcome table makes of each: walked route by route. */

import type { Step } from '../../src/domain/attempt.ts'
import { dispose } from '../../src/domain/disposition.ts'
import type { Failure } from '../../src/domain/failure.ts'
import { stateOf } from '../../src/domain/transaction-outcome.ts'
import { reply } from '../golden/failures.ts'
import { FAULTS, type Fault } from './smtp-sink.ts'

/** The first EHLO of a session, in clear where STARTTLS follows, and the one over TLS. */
export const STAGES = {
  CONNECT: 'greeting',
  'EHLO in clear': 'ehlo',
  EHLO: 'ehlo',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
  '.': 'data_end',
  QUIT: 'quit',
} as const satisfies Record<string, Step>
export type FaultStage = keyof typeof STAGES

/** In the order of the ladder. */
export const ROUTES = [
  { name: '587', tls: 'starttls' },
  { name: '465', tls: 'implicit' },
  { name: '2525', tls: 'starttls' },
] as const

export interface Cell {
  stage: FaultStage
  fault: Fault
  /** That many of the first routes are. */
  bad: number
}

export const CELLS: Cell[] = (Object.keys(STAGES) as FaultStage[]).flatMap((stage) =>
  FAULTS.flatMap((fault) => ROUTES.map((_, i) => ({ stage, fault, bad: i + 1 }))),
)

/** As smtp-sink says it. */
const REPLIES = { hard: '500 5.3.0 Error', soft: '450 4.3.0 Error', '421': '421 4.0.0 Error' }

function failureOf({ stage, fault }: Cell, tls: 'starttls' | 'implicit'): Failure {
  const step = STAGES[stage]
  if (fault !== 'drop') return { step, cause: 'reply', reply: reply(REPLIES[fault]) }
  // After STARTTLS nothing was heard over TLS yet, and only an answer proves it.
  const unproven = stage === 'EHLO' && tls === 'starttls'
  return unproven
    ? { step: 'tls', cause: 'tls_failed', detail: 'closed' }
    : { step, cause: 'closed' }
}

/** `587 relay_refuses (9), 465 relayed (37): relayed` */
export function expected(cell: Cell): string {
  const told: string[] = []
  let state = 'deferred'
  for (const [i, { name, tls }] of ROUTES.entries()) {
    const relayed = i >= cell.bad || cell.stage === 'QUIT'
    if (relayed) return `${[...told, `${name} relayed (37)`].join(', ')}: relayed`
    const failure = failureOf(cell, tls)
    const end = dispose(failure, { dotSent: failure.step === 'data_end' })
    told.push(`${name} ${end.code} (${end.rule})`)
    state = stateOf(end)
    if (end.next_port === 'no') break
  }
  return `${told.join(', ')}: ${state}`
}
