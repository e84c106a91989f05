/** What the doctor finds at a relay: every route, and the login on the best of them, in the words of the delivery log. */

import type { StepRecord } from './attempt.ts'
import { listed } from './listed.ts'
import { outcomeWords } from './outcome-words.ts'
import type { Reply } from './reply.ts'
import { portOf, type RouteName, type TlsMode } from './route.ts'

export interface RouteCheck {
  route: RouteName
  /** `ok`, `not_tried` (no socket was free), or what went wrong, such as `connect_failed`. */
  outcome: string
  /** The outcome table's rule, where something went wrong. */
  rule?: number
  /** A connection was opened. */
  reachable: boolean
  /** The greeting's text. */
  greeting: string | null
  tls: { mode: TlsMode; proven: boolean }
  /** As offered over proven TLS. */
  extensions: string[]
  auth_mechanisms: string[]
  duration_ms: number
  steps: StepRecord[]
}

export interface LoginCheck {
  /** Where it was tried; null where no route works. */
  route: RouteName | null
  /** `ok`, `not_tried`, or what went wrong, such as `auth_rejected`. */
  outcome: string
  rule?: number
  mechanism: string | null
  /** The relay's words to AUTH. */
  reply: Reply | null
  /** Where no access token was had: what the token endpoint said. */
  detail?: string
  /** Not tried because of an earlier failure: when it may be tried again; null: once it was changed. */
  retry_at: string | null
}

export interface Advice {
  /** The likely cause. */
  what: string
  /** The cure. */
  do: string
}

export interface RelayCheck {
  host: string
  /** A route works, and the login too where it was asked for. */
  works: boolean
  summary: string
  /** In the order of the configuration. */
  routes: RouteCheck[]
  /** Null where it was not asked for, or the relay has none. */
  login: LoginCheck | null
  advice: Advice[]
}

/** One sentence: which routes work, what the others do, and the login. */
export function checkSummary(routes: RouteCheck[], login: LoginCheck | null): string {
  const working = routes.filter(({ outcome }) => outcome === 'ok').map(({ route }) => portOf(route))
  const said = routes
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ route, outcome }) => `${portOf(route)} ${outcomeWords(outcome) ?? outcome}`)
  if (working.length > 0) said.push(`${listed(working)} ${working.length > 1 ? 'work' : 'works'}`)
  if (login?.outcome === 'ok') said.push('the login works')
  else if (login?.outcome === 'not_tried') said.push('the login was not tried')
  else if (login) said.push(`the relay ${outcomeWords(login.outcome) ?? login.outcome}`)
  return `${said.join('; ')}.`
}
