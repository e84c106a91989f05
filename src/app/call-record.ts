/** The record of a call that was believed: without secrets, and with its body only where the trigger keeps bodies. */

import type { CallRecord, CallResult, CallScope } from '../domain/call.ts'
import type { PosternError } from '../domain/errors.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import type { CallStore } from '../ports/call-store.ts'

/** What is kept of a call beside what became of it. */
export interface RecordedCall {
  id: string
  /** Milliseconds since the epoch. */
  received_at: number
  content_type: string
  body: Uint8Array
  scope: CallScope
  replay_of: string | null
}

const NOTHING: Omit<CallResult, 'id'> = { rules: [], messages: [], left_out: 0 }

export async function recordCall(
  { calls }: { calls: CallStore },
  trigger: StoredTrigger,
  { id, body, scope, ...call }: RecordedCall,
  outcome: CallResult | PosternError,
): Promise<void> {
  const kept = trigger.keep_bodies ? textOf(body) : null
  const record: CallRecord = {
    ...('code' in outcome ? NOTHING : outcome),
    id,
    ...call,
    body_size: body.byteLength,
    body_kept: kept !== null,
    headers: scope.headers,
    query: scope.query,
    problem: 'code' in outcome ? problemOf(outcome) : null,
  }
  await calls.add(trigger.id, record, kept)
}

function problemOf({ code, message, violations }: PosternError): CallRecord['problem'] {
  return { code, detail: message, errors: violations }
}

/** Null where it is no text: then it can't be kept as one. */
function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}
