/**
 * Tries every route of a relay without sending mail, all at once, and if asked the login: once, on the first route that
 * works. What it finds is told in the words and rules of the outcome table.
 */

import type { StepRecord } from '../domain/attempt.ts'
import { type Disposition, dispose } from '../domain/disposition.ts'
import { EARLY_REPLY, type Failure } from '../domain/failure.ts'
import { isSesPassword, loginAdvice } from '../domain/login-advice.ts'
import type { RelayConfig, RelayCredential } from '../domain/relay.ts'
import {
  checkSummary,
  type LoginCheck,
  type RelayCheck,
  type RouteCheck,
} from '../domain/relay-check.ts'
import { type Route, routeName } from '../domain/route.ts'
import { routeAdvice } from '../domain/route-advice.ts'
import type { Deadlines } from '../domain/settings.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { AuthPermit, GateReport, TokenAnswer } from '../ports/relay-gate.ts'
import type { LadderResult, PreparedSession, RelayConnector } from '../ports/relay-session.ts'
import { commonMechanisms } from '../smtp/auth-mechanisms.ts'
import { loginReports } from './login-reports.ts'
import type { TakenSocket } from './socket-budget.ts'
import { SocketQueue } from './socket-queue.ts'

/** The gate's say over logins. */
export interface LoginDesk {
  /** The credential's version, as the gate counts them. */
  version: number
  /** Where the login is by OAuth: the access token to try. */
  token?(): Promise<TokenAnswer>
  permit(): Promise<AuthPermit>
  report(reports: GateReport[]): Promise<void>
}

/** Where nobody counts logins: somebody stated this one to have it tried. */
export const UNCOUNTED: LoginDesk = {
  version: 0,
  permit: async () => ({ ok: true }),
  report: async () => {},
}

export interface Examination {
  connector: RelayConnector
  /** Kept where they are shorter than the doctor's own. */
  deadlines?: Deadlines
  relay: Pick<RelayConfig, 'host' | 'routes' | 'ehlo_name'>
  /** Null where the relay wants none; undefined where its seal doesn't open. A token is the desk's to give. */
  credential: RelayCredential | null | undefined
  /** Null: the login is not tried. */
  desk: LoginDesk | null
}

/** Somebody is waiting for the answer. */
const PATIENCE = { connect: 10_000, greeting: 15_000, command: 15_000 }
/** No mail is sent. */
const UNUSED = { data: 0, body: 0, data_end: 0 }
/** The platform allows six connections a request. */
const SOCKETS = 5
/** A dial that hangs is let go by the runtime, not by us: routes behind it don't wait for ever. */
const SOCKET_WAIT_MS = 15_000

export async function examineRelay(examination: Examination): Promise<RelayCheck> {
  const { relay, credential, desk } = examination
  const { host } = relay
  const sockets = new SocketQueue(SOCKETS, SOCKET_WAIT_MS)
  const routes = await Promise.all(
    relay.routes.map((route) => examineRoute(examination, route, sockets)),
  )
  const best = relay.routes[routes.findIndex(({ outcome }) => outcome === 'ok')]
  const login =
    desk && credential !== null ? await tryLogin(examination, desk, best, sockets) : null
  const facts = {
    host,
    user: credential?.user ?? null,
    oauth: !!credential && 'token' in credential,
    sesPassword: !!credential && 'password' in credential && isSesPassword(credential.password),
  }
  const said = login && loginAdvice(login, facts)
  return {
    host,
    works: best !== undefined && (login === null || login.outcome === 'ok'),
    summary: checkSummary(routes, login),
    routes,
    login,
    advice: [...(said ? [said] : []), ...routeAdvice(host, routes)],
  }
}

async function examineRoute(
  examination: Examination,
  route: Route,
  sockets: SocketQueue,
): Promise<RouteCheck> {
  const { session, others } = await climb(examination, route, await sockets.take())
  const [other] = others
  const { credential } = examination
  if (session) {
    const usable = !credential || canSpeak(session, credential, examination.relay.host)
    const failure: Failure = { step: 'auth', cause: 'not_offered', detail: 'auth' }
    const found = {
      ...described(route, session.setup, usable ? undefined : failure),
      tls: { mode: route.tls, proven: true },
      extensions: session.extensions,
      auth_mechanisms: session.authMechanisms,
    }
    await session.close()
    return found
  }
  const found = described(route, other?.record.steps ?? [], other?.failure)
  return other ? found : { ...found, outcome: 'not_tried', reachable: false }
}

function canSpeak(
  { route, authMechanisms }: PreparedSession,
  credential: RelayCredential,
  host: string,
): boolean {
  const context = { host, port: route.port, nonce: () => 'unspoken' }
  return commonMechanisms(authMechanisms, credential, context).length > 0
}

function climb(
  { connector, deadlines = { ...PATIENCE, ...UNUSED }, relay }: Examination,
  route: Route,
  socket: TakenSocket | undefined,
): Promise<LadderResult> {
  return connector.climb(relay, {
    routes: [route],
    deadlines: {
      connect: Math.min(PATIENCE.connect, deadlines.connect),
      greeting: Math.min(PATIENCE.greeting, deadlines.greeting),
      command: Math.min(PATIENCE.command, deadlines.command),
      ...UNUSED,
    },
    // One route has nobody to get company from.
    stagger: { connect: 0, greeting: 0 },
    takeSocket: () => socket,
  })
}

function described(route: Route, steps: StepRecord[], failure: Failure | undefined): RouteCheck {
  const judged = failure && judge(failure)
  return {
    route: routeName(route),
    outcome: judged?.code ?? 'ok',
    ...(judged && { rule: judged.rule }),
    reachable: failure?.step !== 'connect',
    greeting: steps.find(({ step, reply }) => step === 'greeting' && reply)?.reply?.text ?? null,
    tls: { mode: route.tls, proven: false },
    extensions: [],
    auth_mechanisms: [],
    duration_ms: steps.reduce((sum, { ms }) => sum + ms, 0),
    steps,
  }
}

const judge = (failure: Failure): Disposition =>
  dispose(failure, { dotSent: false, mechanismsLeft: false })

async function tryLogin(
  examination: Examination,
  desk: LoginDesk,
  route: Route | undefined,
  sockets: SocketQueue,
): Promise<LoginCheck> {
  const check: LoginCheck = {
    route: null,
    outcome: 'not_tried',
    mechanism: null,
    reply: null,
    retry_at: null,
  }
  const { credential } = examination
  if (!credential) return { ...check, ...fault({ step: 'auth', cause: 'config', detail: 'seal' }) }
  if (!route) return check
  const answer = await desk.token?.()
  const said = answer?.ok ? { user: credential.user, token: answer.token } : credential
  if (answer && !answer.ok) return { ...check, route: routeName(route), ...withoutToken(answer) }
  const { session, others } = await climb(examination, route, await sockets.take())
  const failure = others[0]?.failure
  if (!session) return failure ? { ...check, ...fault(failure) } : check
  return {
    ...check,
    route: routeName(route),
    ...(await logIn(desk, session, said)),
  }
}

async function logIn(
  desk: LoginDesk,
  session: PreparedSession,
  credential: RelayCredential,
): Promise<Partial<LoginCheck>> {
  try {
    const permit = await desk.permit()
    if (!permit.ok) return notBefore(permit.retry_at)
    const answer = await session.authenticate(credential)
    if ('record' in answer || !answer.usable) {
      const failure = ('record' in answer ? answer.failure : undefined) ?? EARLY_REPLY
      const login = { disposition: judge(failure), failure, route: routeName(session.route) }
      await desk.report(loginReports(login, desk.version))
      return fault(failure)
    }
    await desk.report([{ kind: 'auth_ok', credential_version: desk.version }])
    const reply = answer.setup.findLast(({ step }) => step === 'auth')?.reply ?? null
    return { outcome: 'ok', mechanism: answer.authMechanism, reply }
  } finally {
    await session.close()
  }
}

function withoutToken(answer: TokenAnswer & { ok: false }): Partial<LoginCheck> {
  if (!('failure' in answer)) return notBefore(answer.retry_at)
  const { failure } = answer
  return { ...fault(failure), ...(failure.detail !== undefined && { detail: failure.detail }) }
}

function notBefore(at: number | null): Partial<LoginCheck> {
  return { retry_at: rfc3339(at) }
}

function fault(failure: Failure): Partial<LoginCheck> {
  const { code, rule } = judge(failure)
  return { outcome: code, rule, reply: failure.reply ?? null }
}
