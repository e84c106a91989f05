/** One climb of the ladder for a relay: a session that is logged in, or what stood in the way. */

import type { SessionRecord } from '../domain/attempt.ts'
import { type Disposition, dispose } from '../domain/disposition.ts'
import { EARLY_REPLY, type Failure } from '../domain/failure.ts'
import type { RelayCredential, StoredRelay } from '../domain/relay.ts'
import { routeName } from '../domain/route.ts'
import type { GateReport, Lease } from '../ports/relay-gate.ts'
import type {
  LadderOptions,
  PreparedSession,
  RelaySession,
  RouteOutcome,
} from '../ports/relay-session.ts'
import type { LineContext } from './line-context.ts'
import { alarmReports, loginReports } from './login-reports.ts'
import type { OpenSession } from './open-session.ts'

export interface FailedClimb {
  startedAt: number
  sessions: SessionRecord[]
  disposition: Disposition
  failure: Failure
}

export type ClimbEnd =
  | { kind: 'open'; open: OpenSession; reports: GateReport[] }
  | { kind: 'suspended'; code: string; retryAt: number | null; reports: GateReport[] }
  | { kind: 'failed'; failed: FailedClimb; reports: GateReport[] }

/** A wait as short as this is no reason to tell anybody that the mail is late: somebody else is logging in right now. */
const SOON_MS = 5000

interface Judged {
  record: SessionRecord
  failure: Failure
  disposition: Disposition
}

/** `permitted`: the gate has let this login in already. */
export interface ClimbLogin {
  credential: RelayCredential | null
  permitted: boolean
}

export async function climbAs(
  context: LineContext,
  lease: Lease,
  takeSocket: LadderOptions['takeSocket'],
  login: ClimbLogin,
): Promise<ClimbEnd> {
  const { connector, clock, settings } = context
  const { relay } = lease
  const startedAt = clock.now()
  const ladder = await connector.climb(relay, {
    routes: lease.routes,
    deadlines: settings.deadlines,
    stagger: settings.stagger,
    knownExtensions: lease.extensions,
    takeSocket,
    nextPort: (failure) => dispose(failure, { dotSent: false }).next_port,
  })
  const judged = ladder.others.flatMap((other) => judge(other, lease))
  const reports = judged.flatMap(({ record, disposition, failure }) =>
    routeReports(record, disposition, failure),
  )
  const sessions = ladder.others.map(
    ({ record }) => judged.find((one) => one.record.route === record.route)?.record ?? record,
  )
  if (!ladder.session) {
    const last = judged.at(-1)
    // Not one socket could be had.
    if (!last)
      return { kind: 'suspended', code: 'relay.busy', retryAt: clock.now() + 1000, reports }
    return { kind: 'failed', failed: { startedAt, sessions, ...pick(last) }, reports }
  }
  const end = await logIn(context, relay, ladder.session, login)
  if ('waitUntil' in end)
    return { ...loginWaits('relay.auth', end.waitUntil, clock.now()), reports }
  if ('record' in end || !end.usable) {
    const [refused] = judge('record' in end ? end : stillborn(end), lease)
    if (!refused) throw new Error('a failed login without a failure')
    const failed = { startedAt, sessions: [...sessions, refused.record], ...pick(refused) }
    return { kind: 'failed', failed, reports: [...reports, ...refusalReports(refused, relay)] }
  }
  return {
    kind: 'open',
    open: {
      session: end,
      version: relay.version,
      openedAt: clock.now(),
      plainMail: lease.plain_mail,
      busy: 0,
      tried: sessions,
      climbedAt: startedAt,
      idle: undefined,
    },
    reports: [
      ...reports,
      { kind: 'route_ok', route: routeName(end.route), extensions: end.extensions },
      { kind: 'auth_ok', credential_version: relay.credential_version },
    ],
  }
}

export function loginWaits(code: string, retryAt: number | null, now: number) {
  const soon = retryAt !== null && retryAt - now <= SOON_MS
  return { kind: 'suspended', code: soon ? 'relay.busy' : code, retryAt } as const
}

const pick = ({ disposition, failure }: Judged) => ({ disposition, failure })

/** It would be so every time. */
function stillborn(session: RelaySession): RouteOutcome {
  const { route, setup, setupMs, extensions } = session
  const record: SessionRecord = {
    route: routeName(route),
    warm: false,
    outcome: EARLY_REPLY.cause,
    duration_ms: setupMs,
    tls: { mode: route.tls, proven: true },
    extensions,
    steps: setup,
  }
  return { route, record, failure: EARLY_REPLY }
}

async function logIn(
  context: LineContext,
  relay: StoredRelay,
  prepared: PreparedSession,
  { credential, permitted }: ClimbLogin,
): Promise<RelaySession | RouteOutcome | { waitUntil: number | null }> {
  const { gate, shard, incarnation } = context
  try {
    if (credential && !permitted) {
      const { credential_version } = relay
      const permit = await gate.mayAuthenticate({ shard, incarnation, credential_version })
      if (!permit.ok) {
        await prepared.close()
        return { waitUntil: permit.retry_at }
      }
    }
    return await prepared.authenticate(credential)
  } catch (error) {
    await prepared.close()
    throw error
  }
}

function judge({ route, record, failure }: RouteOutcome, lease: Lease): Judged[] {
  if (!failure) return []
  const offered = lease.extensions[routeName(route)]?.includes('STARTTLS') ?? false
  const disposition = dispose(failure, {
    dotSent: false,
    offeredStartTls: offered,
    mechanismsLeft: false,
  })
  return [
    {
      record: { ...record, outcome: disposition.code, rule: disposition.rule },
      failure,
      disposition,
    },
  ]
}

function routeReports(
  record: SessionRecord,
  disposition: Disposition,
  failure: Failure,
): GateReport[] {
  const { route } = record
  return [
    { kind: 'route_failed', route, code: disposition.code, rule: disposition.rule },
    ...alarmReports(disposition, failure, route),
  ]
}

function refusalReports(
  { record, disposition, failure }: Judged,
  { credential_version }: StoredRelay,
): GateReport[] {
  const { route } = record
  const ofLogin = loginReports({ disposition, failure, route }, credential_version)
  if (disposition.credential !== undefined) return ofLogin
  return [...routeReports(record, disposition, failure), ...ofLogin]
}
