/** The last calls of triggers, in the control plane. */

import type { CallRecord } from '../domain/call.ts'

export interface CallStore {
  /** Keeps it and forgets all but the last 50; nothing where the trigger is gone. */
  add(trigger: string, record: CallRecord, body: string | null): Promise<void>
  /** Newest first. */
  list(trigger: string): Promise<CallRecord[]>
  get(trigger: string, id: string): Promise<{ record: CallRecord; body: string | null } | null>
  /** Forgets bodies and records of calls from before these times. */
  sweep(bodiesBefore: number, recordsBefore: number): Promise<void>
}
