/** A climb with what it logs in with: a password that is opened here, or an access token that the gate has. */

import { describeError } from '../domain/describe-error.ts'
import { dispose } from '../domain/disposition.ts'
import type { Failure } from '../domain/failure.ts'
import type { RelayCredential, StoredRelay } from '../domain/relay.ts'
import type { GateReport, Lease } from '../ports/relay-gate.ts'
import type { LadderOptions } from '../ports/relay-session.ts'
import { type ClimbEnd, climbAs, loginWaits } from './climb.ts'
import type { LineContext } from './line-context.ts'

type Login =
  | { ok: true; credential: RelayCredential | null; fresh: boolean }
  | { ok: false; retry_at: number | null }
  | { ok: false; failure: Failure; reports: GateReport[] }

/**
 * A token may have been revoked before its time, so that a refused one that was kept is followed by one climb with a
 * fresh one, before anything is held against the login. It is another secret: no password is ever tried twice.
 */
export async function climbOnce(
  context: LineContext,
  lease: Lease,
  takeSocket: LadderOptions['takeSocket'],
): Promise<ClimbEnd> {
  const { relay } = lease
  const startedAt = context.clock.now()
  const login = await readLogin(context, relay)
  if (!login.ok) return notLoggedIn(context, login, startedAt)
  const { credential, fresh } = login
  const end = await climbAs(context, lease, takeSocket, { credential, permitted: false })
  const stale = !fresh && credential && 'token' in credential ? credential.token : undefined
  if (stale === undefined || !isRejected(end)) return end
  const renewed = await readLogin(context, relay, stale)
  const second = renewed.ok
    ? await climbAs(context, lease, takeSocket, {
        credential: renewed.credential,
        permitted: true,
      })
    : notLoggedIn(context, renewed, startedAt)
  return joined(end, second)
}

/** `refused`: the token that the relay didn't take. */
async function readLogin(
  { openPassword, gate, logLine }: LineContext,
  relay: StoredRelay,
  refused?: string,
): Promise<Login> {
  const { auth_user, oauth, credential_version } = relay
  if (!oauth || auth_user === null) {
    try {
      return { ok: true, credential: await openPassword(relay), fresh: true }
    } catch (error) {
      logLine({ type: 'pump.error', relay: relay.id, error: describeError(error) })
      return sealed('the stored password does not open with this master key: give it again')
    }
  }
  const answer = await gate.accessToken({
    credential_version,
    ...(refused !== undefined && { refused }),
  })
  if (answer.ok) {
    return { ok: true, credential: { user: auth_user, token: answer.token }, fresh: answer.fresh }
  }
  if (!('failure' in answer)) return answer
  for (const event of answer.events) logLine({ ...event })
  return answer.failure.cause === 'config'
    ? sealed('the stored OAuth secrets do not open with this master key: give them again')
    : { ok: false, failure: answer.failure, reports: [] }
}

function sealed(detail: string): Login {
  const failure: Failure = { step: 'auth', cause: 'config', detail: 'seal' }
  return { ok: false, failure, reports: [{ kind: 'alarm', code: 'relay.config', detail }] }
}

/** Nothing is dialled for a login that can't be made. */
function notLoggedIn(
  { clock }: LineContext,
  login: Login & { ok: false },
  startedAt: number,
): ClimbEnd {
  if ('failure' in login) {
    const { failure, reports } = login
    const disposition = dispose(failure, { dotSent: false })
    return { kind: 'failed', failed: { startedAt, sessions: [], failure, disposition }, reports }
  }
  return { ...loginWaits('relay.oauth', login.retry_at, clock.now()), reports: [] }
}

function isRejected(end: ClimbEnd): end is ClimbEnd & { kind: 'failed' } {
  return end.kind === 'failed' && end.failed.disposition.row === 'auth_rejected'
}

/** One climb for the log and the gate: the first verdict was on the token, not on the login. */
function joined(first: ClimbEnd & { kind: 'failed' }, second: ClimbEnd): ClimbEnd {
  const { startedAt, sessions } = first.failed
  const heard = second.reports.some(({ kind }) => kind.startsWith('auth_'))
  const reports: GateReport[] = [
    ...first.reports.filter(({ kind }) => kind !== 'auth_rejected'),
    ...second.reports,
    ...(heard ? [] : [{ kind: 'auth_unused' } as const]),
  ]
  if (second.kind === 'open') {
    const { open } = second
    const tried = [...sessions, ...open.tried]
    return { ...second, open: { ...open, tried, climbedAt: startedAt }, reports }
  }
  if (second.kind === 'suspended') return { ...second, reports }
  const failed = {
    ...second.failed,
    startedAt,
    sessions: [...sessions, ...second.failed.sessions],
  }
  return { ...second, failed, reports }
}
