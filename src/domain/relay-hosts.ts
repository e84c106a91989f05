/** The routes of a relay that states none: a small table of hosts whose ports differ from the usual ones. */

import type { Route, TlsMode } from './route.ts'

const IMPLICIT_PORTS: readonly number[] = [465, 2465]

/** TLS mode by the port's custom: 465 and 2465 begin with TLS, all others with STARTTLS. */
export function tlsModeOf(port: number): TlsMode {
  return IMPLICIT_PORTS.includes(port) ? 'implicit' : 'starttls'
}

/** `587:starttls`, or `587` with the port's custom; undefined where it is neither. */
export function parseRoute(text: string): Route | undefined {
  const match = /^(\d{1,5})(?::(starttls|implicit))?$/.exec(text.trim())
  const port = Number(match?.[1])
  if (!match || port < 1 || port > 65_535) return undefined
  return { port, tls: (match[2] as TlsMode | undefined) ?? tlsModeOf(port) }
}

/** As each relay's own documentation says; `*` stands for one label or part of one. */
const PORTS_BY_HOST: readonly (readonly [host: string, ports: readonly number[]])[] = [
  ['smtp.gmail.com', [587, 465]],
  ['smtp-relay.gmail.com', [587, 465]],
  ['smtp.office365.com', [587]],
  ['smtp-mail.outlook.com', [587]],
  ['smtp.mail.me.com', [587]],
  ['smtp.mx.cloudflare.net', [465]],
  ['email-smtp.*.amazonaws.com', [587, 465, 2587, 2465]],
  ['email-smtp-fips.*.amazonaws.com', [587, 465, 2587, 2465]],
  ['smtp.resend.com', [587, 465, 2587, 2465]],
  ['smtp.postmarkapp.com', [587, 2525]],
  ['smtp-broadcasts.postmarkapp.com', [587, 2525]],
]

const USUAL_PORTS: readonly number[] = [587, 465, 2525]

/** `host` in lower case. */
export function defaultRoutes(host: string): Route[] {
  const known = PORTS_BY_HOST.find(([pattern]) => matchesHost(pattern, host.toLowerCase()))
  return (known?.[1] ?? USUAL_PORTS).map((port) => ({ port, tls: tlsModeOf(port) }))
}

function matchesHost(pattern: string, host: string): boolean {
  const [before, after] = pattern.split('*')
  if (before === undefined || after === undefined) return host === pattern
  const middle = host.slice(before.length, host.length - after.length)
  return (
    host.startsWith(before) &&
    host.endsWith(after) &&
    host.length > before.length + after.length &&
    !middle.includes('.')
  )
}
