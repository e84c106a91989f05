/**
 * Acceptance: staged chunks, claims, and the one synchronous transaction that makes a message durable.
 * A claim lives 24 h after acceptance, or as long as it says; while its content is being staged it is held for a short lease.
 */

import type { CallResult } from '../domain/call.ts'
import { firstExpiry } from '../domain/retry.ts'
import { messageStatus } from '../domain/states.ts'
import { rfc3339 } from '../ports/clock.ts'
import type {
  AcceptAnswer,
  AcceptedMessage,
  Claim,
  MessageReceipt,
  Priority,
} from '../ports/outbox.ts'
import { acceptanceEvents } from './acceptance-events.ts'
import { insertEvents } from './outbox-events.ts'
import type { Sql } from './sql.ts'

const CLAIM_KEPT_MS = 24 * 3_600_000
const RESERVATION_KEPT_MS = 26 * 3_600_000
const STAGING_LEASE_MS = 60_000

export const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low']

interface ClaimRow {
  hash: string
  state: 'staging' | 'accepted' | 'reserved'
  receipt: string | null
  until: number
}

/** What a claim stands for now; null where nobody holds it. */
export function recall(sql: Sql, claim: Claim, now: number): AcceptAnswer | null {
  const row = sql.first<ClaimRow>(
    'SELECT hash, state, receipt, until FROM claims WHERE scope = ? AND key = ?',
    claim.scope,
    claim.key,
  )
  if (!row || row.until <= now) return null
  if (row.hash !== claim.hash) return { kind: 'conflict' }
  if (row.state === 'accepted' && row.receipt) {
    return { kind: 'replayed', document: JSON.parse(row.receipt) as MessageReceipt }
  }
  return { kind: row.state === 'reserved' ? 'moved' : 'running' }
}

function writeClaim(
  sql: Sql,
  claim: Claim,
  state: ClaimRow['state'],
  receipt: MessageReceipt | CallResult | null,
  until: number,
): void {
  sql.run(
    'INSERT OR REPLACE INTO claims (scope, key, hash, state, receipt, until) VALUES (?, ?, ?, ?, ?, ?)',
    claim.scope,
    claim.key,
    claim.hash,
    state,
    receipt && JSON.stringify(receipt),
    until,
  )
}

/** What a call to a trigger came to: a claim that no message has, since it may have made several. */
export function recallCall(sql: Sql, { scope, key }: Claim, now: number): CallResult | null {
  const row = sql.first<{ receipt: string }>(
    'SELECT receipt FROM claims WHERE scope = ? AND key = ? AND until > ?',
    scope,
    key,
    now,
  )
  return row ? (JSON.parse(row.receipt) as CallResult) : null
}

export function keepCall(sql: Sql, claim: Claim, result: CallResult, now: number): CallResult {
  return sql.transaction(() => {
    const first = recallCall(sql, claim, now)
    if (first) return first
    writeClaim(sql, claim, 'accepted', result, now + (claim.kept_ms ?? CLAIM_KEPT_MS))
    return result
  })
}

/** Marks a claim as gone to another shard after a change of the shard count. */
export function reserve(sql: Sql, claim: Claim, now: number): AcceptAnswer | { kind: 'reserved' } {
  return sql.transaction(() => {
    const held = recall(sql, claim, now)
    if (held && held.kind !== 'moved') return held
    writeClaim(sql, claim, 'reserved', null, now + RESERVATION_KEPT_MS)
    return { kind: 'reserved' }
  })
}

/** Keeps one chunk of a body. With chunk 0 a claim is held as `staging`, so that a parallel request is told to wait. */
export function stageChunk(
  sql: Sql,
  name: string,
  position: number,
  octets: Uint8Array,
  claim: Claim | undefined,
  now: number,
): void {
  sql.transaction(() => {
    if (claim && position === 0 && recall(sql, claim, now) === null) {
      writeClaim(sql, claim, 'staging', { id: name } as MessageReceipt, now + STAGING_LEASE_MS)
    }
    sql.run(
      'INSERT INTO chunks (name, position, octets, staged_at) VALUES (?, ?, ?, ?)',
      name,
      position,
      octets,
      now,
    )
  })
}

/** The accepting transaction: claim, message, copies, recipients, headers, first event. Nothing awaits in it. */
export function accept(
  sql: Sql,
  message: AcceptedMessage,
  claim: Claim | null,
  now: number,
): AcceptAnswer {
  return sql.transaction(() => {
    if (isKnown(sql, message.id)) return { kind: 'accepted', document: receiptOf(message) }
    if (claim) {
      const held = recall(sql, claim, now)
      if (held && !(held.kind === 'running' && isOwnStaging(sql, claim, message))) return held
    }
    const receipt = receiptOf(message)
    if (claim) writeClaim(sql, claim, 'accepted', receipt, now + (claim.kept_ms ?? CLAIM_KEPT_MS))
    const events = acceptanceEvents(message, receipt)
    insertMessage(sql, message, events.length)
    for (const copy of message.copies) insertCopy(sql, message, copy)
    message.recipients.forEach((recipient, position) => {
      insertRecipient(sql, message, recipient, position)
    })
    insertEvents(sql, message.id, 1, events, message.created_at)
    return { kind: 'accepted', document: receipt }
  })
}

/** Accepted before by the same request, which did not hear of it. */
function isKnown(sql: Sql, id: string): boolean {
  return sql.first('SELECT 1 FROM messages WHERE id = ?', id) !== undefined
}

function isOwnStaging(sql: Sql, claim: Claim, message: AcceptedMessage): boolean {
  const row = sql.first<{ receipt: string | null }>(
    `SELECT receipt FROM claims WHERE scope = ? AND key = ? AND state = 'staging'`,
    claim.scope,
    claim.key,
  )
  const staged = row?.receipt && (JSON.parse(row.receipt) as { id: string }).id
  return message.copies.some(({ body }) => 'staged' in body && body.staged === staged)
}

export function receiptOf(message: AcceptedMessage): MessageReceipt {
  return {
    id: message.id,
    status: messageStatus({
      states: message.recipients.map(({ state }) => state),
      scheduled: message.send_at !== null && message.send_at > message.created_at,
      sending: false,
    }),
    message_id: message.message_id,
    created_at: rfc3339(message.created_at),
    recipients: message.recipients.map(({ address, state, protection }) => ({
      address,
      state,
      ...(protection && { protection }),
    })),
  }
}

function insertMessage(sql: Sql, message: AcceptedMessage, events: number): void {
  const pending = message.recipients.some(({ state }) => state === 'queued')
  sql.run(
    `INSERT INTO messages (id, key_id, sandbox, created_at, send_at, expires_in, expires_at, expires_stated,
       on_unknown, sender, from_address, notify, require_tls, message_id, priority, relays, pinned, tags,
       metadata, size, last_seq, final_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id,
    message.key_id,
    Number(message.sandbox),
    message.created_at,
    message.send_at,
    message.expires_in,
    firstExpiry(message),
    Number(message.expires_stated),
    message.on_unknown,
    message.sender,
    message.from,
    message.notify && JSON.stringify(message.notify),
    Number(message.require_tls === true),
    message.message_id,
    PRIORITIES.indexOf(message.priority),
    JSON.stringify(message.relays),
    message.pinned === undefined ? null : Number(message.pinned),
    JSON.stringify(message.tags),
    JSON.stringify(message.metadata),
    message.copies.reduce((total, { size }) => total + size, 0),
    events,
    pending ? null : message.created_at,
  )
}

export class StagingLostError extends Error {
  override readonly name = 'StagingLostError'
  constructor() {
    super('the staged content is not complete: send the message again')
  }
}

function insertCopy(
  sql: Sql,
  message: AcceptedMessage,
  copy: AcceptedMessage['copies'][number],
): void {
  const chunks = 'staged' in copy.body ? copy.body.staged : `${message.id}/${copy.copy}`
  if ('inline' in copy.body) {
    sql.run(
      'INSERT INTO chunks (name, position, octets) VALUES (?, 0, ?)',
      chunks,
      copy.body.inline,
    )
  } else {
    const staged = sql.first<{ octets: number | null }>(
      'SELECT sum(length(octets)) AS octets FROM chunks WHERE name = ?',
      chunks,
    )
    // A part that was swept meanwhile must not become a mail without it.
    if (staged?.octets !== copy.size - copy.header.length) throw new StagingLostError()
    sql.run('UPDATE chunks SET staged_at = NULL WHERE name = ?', chunks)
  }
  const queued = message.recipients.some((one) => one.copy === copy.copy && one.state === 'queued')
  sql.run(
    `INSERT INTO copies (message, copy, role, header, body_hash, chunks, size, smtputf8, eight_bit, relay, priority, due_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id,
    copy.copy,
    copy.role,
    copy.header,
    copy.body_hash,
    chunks,
    copy.size,
    Number(copy.needs.smtputf8),
    Number(copy.needs.eight_bit),
    message.relays[0] ?? '',
    PRIORITIES.indexOf(message.priority),
    queued ? (message.send_at ?? message.created_at) : null,
  )
}

function insertRecipient(
  sql: Sql,
  message: AcceptedMessage,
  recipient: AcceptedMessage['recipients'][number],
  position: number,
): void {
  sql.run(
    `INSERT INTO recipients (message, position, copy, address, kind, state, code, protection, next_attempt_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id,
    position,
    recipient.copy,
    recipient.address,
    recipient.kind,
    recipient.state,
    recipient.state === 'suppressed' ? (recipient.protection?.code ?? null) : null,
    recipient.protection && JSON.stringify(recipient.protection),
    recipient.state === 'queued' ? (message.send_at ?? message.created_at) : null,
    message.created_at,
  )
}
