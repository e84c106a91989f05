/**
 * `POSTERN_RELAY_URL`: a relay in one line, such as `smtp://user:pass@smtp.example.com?routes=587:starttls,465:implicit`.
 * People paste passwords as they are, so user and password end at the last `@` and may contain `/ + = : @ ? #`;
 * percent-encoding is undone where it is well-formed, and a `%` that isn't must be written `%25`.
 */

import { isHostName } from './domain-name.ts'
import { defaultRoutes, parseRoute, tlsModeOf } from './relay-hosts.ts'
import { RELAY_PORTS, type Route } from './route.ts'

export interface RelayUrl {
  host: string
  /** Both null: the relay trusts by network. */
  user: string | null
  password: string | null
  routes: Route[]
}

/** Says which part is wrong and what it has to be, never its value. */
export interface RelayUrlProblem {
  problem: string
}

export function parseRelayUrl(
  url: string,
  options: { allowAnyPort?: boolean } = {},
): RelayUrl | RelayUrlProblem {
  const scheme = /^(smtps?):\/\//i.exec(url.trim())
  if (!scheme) return wrong('the scheme', 'has to be smtp:// or smtps://')
  const rest = url.trim().slice(scheme[0].length)
  const at = rest.lastIndexOf('@')
  const login = parseLogin(at < 0 ? undefined : rest.slice(0, at))
  if ('problem' in login) return login
  const place = /^([^/?#]*)\/?(?:\?([^#]*))?$/.exec(rest.slice(at + 1))
  if (!place) return wrong('the end', 'has to be the host, then at most ?routes=…')
  const parsed = parseHost(place[1] ?? '')
  if ('problem' in parsed) return parsed
  const implicit = scheme[1]?.toLowerCase() === 'smtps'
  const routes = parseRoutes(parsed, implicit, place[2])
  if ('problem' in routes) return routes
  const closed = routes.list.some(({ port }) => !RELAY_PORTS.includes(port))
  if (closed && !options.allowAnyPort) {
    return wrong('the port', `has to be one of ${RELAY_PORTS.join(', ')}`)
  }
  return { host: parsed.host, ...login, routes: routes.list }
}

function wrong(part: string, what: string): RelayUrlProblem {
  return { problem: `${part} ${what}` }
}

function parseLogin(
  text: string | undefined,
): { user: string | null; password: string | null } | RelayUrlProblem {
  if (text === undefined) return { user: null, password: null }
  const colon = text.indexOf(':')
  if (colon < 0) return wrong('the password', 'is missing: write user:password@host')
  const user = decode(text.slice(0, colon))
  const password = decode(text.slice(colon + 1))
  if (user === undefined) return wrong('the user', 'has a % that has to be written %25')
  if (password === undefined) return wrong('the password', 'has a % that has to be written %25')
  if (user === '') return wrong('the user', 'is empty')
  if (password === '') return wrong('the password', 'is empty')
  if (/[\0\r\n]/.test(user)) return wrong('the user', 'has a control character')
  return /[\0\r\n]/.test(password)
    ? wrong('the password', 'has a control character')
    : { user, password }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function parseHost(text: string): { host: string; port: number | null } | RelayUrlProblem {
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(text)
  const host = (match?.[1] ?? '').toLowerCase().replace(/\.$/, '')
  if (host === '') return wrong('the host', 'is missing')
  if (!isHostName(host)) {
    return wrong('the host', 'has to be a name such as smtp.example.com, in its xn-- form')
  }
  const port = match?.[2] === undefined ? null : Number(match[2])
  if (port !== null && (port < 1 || port > 65_535)) return wrong('the port', 'has to be 1 to 65535')
  return { host, port }
}

function parseRoutes(
  { host, port }: { host: string; port: number | null },
  implicit: boolean,
  query: string | undefined,
): { list: Route[] } | RelayUrlProblem {
  const parameters = [...new URLSearchParams(query)]
  if (parameters.some(([name]) => name !== 'routes') || parameters.length > 1) {
    return wrong('the query', 'has to be routes=… and nothing else')
  }
  const stated = parameters[0]?.[1]
  if (stated !== undefined) {
    if (port !== null) return wrong('the port', 'and routes exclude each other')
    const list = stated.split(',').map(parseRoute)
    const ports = new Set(list.map((route) => route?.port))
    return list.every((route) => route !== undefined) && ports.size === list.length
      ? { list }
      : wrong('routes', 'has to be like 587:starttls,465:implicit, each port once')
  }
  if (port !== null) return { list: [{ port, tls: implicit ? 'implicit' : tlsModeOf(port) }] }
  const list = defaultRoutes(host)
  const first = list.filter(({ tls }) => tls === (implicit ? 'implicit' : 'starttls'))
  return { list: implicit ? [...first, ...list.filter((route) => !first.includes(route))] : list }
}
