/**
 * Who may log in, and when. Falling back after a rejected password turns one wrong word into a lock-out, so the gate
 * counts for all shards: one AUTH in flight until this version of the credential has once succeeded; after a rejection
 * one per step of AUTH_BACKOFF, then only after an operator has changed it; after trouble without a verdict one per step
 * of RETRY_SCHEDULE, for ever.
 */

import type { StoredRelay } from '../domain/relay.ts'
import { type Deadlines, longestLoginMs } from '../domain/settings.ts'
import type { CredentialState, PermitState } from '../ports/gate-store.ts'
import type { AuthPermit } from '../ports/relay-gate.ts'

/** How long after the longest AUTH its shard, if it lives, has told how it ended. */
const REPORT_MS = 60_000

/** An AUTH that nobody reports on (its shard died) blocks the others no longer than this. */
export function hasLapsed({ at }: PermitState, deadlines: Deadlines, now: number): boolean {
  return at + longestLoginMs(deadlines) + REPORT_MS <= now
}

/** Failures without a verdict on the login, in a row, before a person is called. */
export const TROUBLES = 3

/** When to log in again while another AUTH is under way. */
export const LOGIN_AGAIN_MS = 1000

/** What another login, or a success of this one, may mend. */
export const CREDENTIAL_ALARMS: readonly string[] = [
  'relay.auth_rejected',
  'relay.auth_mechanism',
  'relay.auth_failing',
  'relay.oauth_rejected',
  'relay.oauth_failing',
  'relay.auth_unproven',
]

export function newCredential(version: number): CredentialState {
  return {
    version,
    proven: false,
    rejections: 0,
    troubles: 0,
    operator: false,
    retry_at: null,
    since: null,
    code: null,
  }
}

/** What is known about the relay's present credential. */
export function currentCredential(
  state: CredentialState | null,
  { credential_version }: Pick<StoredRelay, 'credential_version'>,
): CredentialState {
  return state?.version === credential_version ? state : newCredential(credential_version)
}

/** Whether it has worked and nothing was held against it since. */
export function isSound({ proven, rejections, troubles }: CredentialState): boolean {
  return proven && rejections === 0 && troubles === 0
}

/** Until when nobody may log in: a time, null for "until an operator changes it", undefined for "now". */
export function blockedUntil(state: CredentialState, now: number): number | null | undefined {
  if (state.operator) return null
  return state.retry_at !== null && state.retry_at > now ? state.retry_at : undefined
}

/** No session of this relay can be opened now, and none that is open proves that it could. */
export function blocksLeases(state: CredentialState, now: number): boolean {
  if (state.rejections === 0 && state.proven) return false
  return blockedUntil(state, now) !== undefined
}

export function mayLogIn(
  state: CredentialState,
  permit: PermitState | null,
  deadlines: Deadlines,
  now: number,
): AuthPermit {
  const until = blockedUntil(state, now)
  if (until !== undefined) return { ok: false, retry_at: until }
  if (isSound(state)) return { ok: true }
  const inFlight = permit !== null && !hasLapsed(permit, deadlines, now)
  return inFlight ? { ok: false, retry_at: now + LOGIN_AGAIN_MS } : { ok: true }
}

export function loggedIn(state: CredentialState): CredentialState {
  return isSound(state) ? state : { ...newCredential(state.version), proven: true }
}

/** Rules 19 and 20. What several shards had under way when the first of them was rejected is one step, not one each. */
export function rejected(
  state: CredentialState,
  failure: { code: string; by_operator: boolean },
  backoff: readonly number[],
  now: number,
): CredentialState {
  const waits = state.rejections > 0 && blockedUntil(state, now) !== undefined
  if (waits && !failure.by_operator) return state
  const rejections = state.rejections + 1
  const step = failure.by_operator ? undefined : backoff[rejections - 1]
  return {
    ...state,
    rejections,
    operator: step === undefined,
    retry_at: step === undefined ? null : now + step,
    since: state.rejections === 0 ? now : state.since,
    code: failure.code,
  }
}

/** Rule 21: no verdict on the password. A rejection that stands is not softened by it. */
export function troubled(
  state: CredentialState,
  code: string,
  schedule: readonly number[],
  now: number,
): CredentialState {
  const troubles = state.troubles + 1
  const pause = schedule[Math.min(troubles, schedule.length) - 1] ?? 60_000
  return {
    ...state,
    troubles,
    retry_at: Math.max(state.retry_at ?? 0, now + pause),
    since: state.since ?? now,
    code: state.rejections > 0 ? state.code : code,
  }
}
