/** What a request makes of a relay: a pure step from the stored row and the change to the next row, credential aside. */

import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { readAddressPatterns } from '../domain/read-address-pattern.ts'
import type { RelayConfig, StoredRelay } from '../domain/relay.ts'
import { type RelayReach, readRelayHost } from '../domain/relay-host-guard.ts'
import { defaultRoutes } from '../domain/relay-hosts.ts'
import { RELAY_PORTS, type Route } from '../domain/route.ts'
import type { OAuthRequest } from './relay-login-oauth.ts'

/** Fields of a request; `auth` null takes the login away, a secret that is left out is kept. */
export interface RelayRequest {
  host?: string
  auth?: { user?: string; password?: string; oauth?: OAuthRequest } | null
  routes?: Route[]
  ehlo_name?: string | null | undefined
  senders?: string[]
  priority?: number
  paused?: boolean
  max_sessions?: number
  max_per_second?: number | null
  max_per_day?: number | null
  flight_depth?: number
  spill_over?: boolean
  /** Store it only if it logs in. */
  check?: boolean
}

const DEFAULTS = {
  senders: ['*'],
  priority: 10,
  paused: false,
  max_sessions: 4,
  max_per_second: null,
  max_per_day: null,
  flight_depth: 1,
  spill_over: false,
}

/** A whole configuration: what the request leaves out has its default. @throws PosternError `request.invalid`, `relay.host_refused` */
export function wholeRelay(
  id: string,
  request: RelayRequest & { host: string },
  reach: RelayReach,
): RelayConfig {
  const { auth: _auth, check: _check, ehlo_name = null, ...given } = request
  const host = checkHost(given.host, reach)
  const routes = given.routes ?? defaultRoutes(host)
  return checkRelay({ ...DEFAULTS, ...given, id, host, routes, ehlo_name }, reach)
}

/**
 * The stored configuration with the fields given. Routes that were a host's default don't follow it to another host:
 * they are taken from the new host unless the request has its own.
 */
export function changedRelay(
  stored: StoredRelay,
  request: RelayRequest,
  reach: RelayReach,
): RelayConfig {
  const { auth: _auth, check: _check, ehlo_name = stored.ehlo_name, ...given } = request
  const host = given.host === undefined ? stored.host : checkHost(given.host, reach)
  const followsHost = host !== stored.host && sameJson(stored.routes, defaultRoutes(stored.host))
  const routes = given.routes ?? (followsHost ? defaultRoutes(host) : stored.routes)
  return checkRelay({ ...configOf(stored), ...given, host, routes, ehlo_name }, reach)
}

export function configOf(relay: RelayConfig): RelayConfig {
  const { id, host, routes, ehlo_name, senders, priority, paused, ...rest } = relay
  const { max_sessions, max_per_second, max_per_day, flight_depth, spill_over } = rest
  const limits = { max_sessions, max_per_second, max_per_day, flight_depth, spill_over }
  return { id, host, routes, ehlo_name, senders, priority, paused, ...limits }
}

export function sameConfig(one: RelayConfig, other: RelayConfig): boolean {
  return sameJson(configOf(one), configOf(other))
}

function checkHost(input: string, reach: RelayReach): string {
  const read = readRelayHost(input, reach)
  if ('host' in read) return read.host
  throw new PosternError('relay.host_refused', `the host ${read.problem}`, {
    violations: [{ pointer: '/host', code: 'relay.host_refused', message: read.problem }],
  })
}

function checkRelay(relay: RelayConfig, reach: RelayReach): RelayConfig {
  const violations: Violation[] = []
  const senders = readAddressPatterns(relay.senders, '/senders', violations)
  const seen = new Set<number>()
  for (const [index, { port }] of relay.routes.entries()) {
    const pointer = `/routes/${index}/port`
    if (reach === 'public' && !RELAY_PORTS.includes(port)) {
      const message = `is not a relay port: ${RELAY_PORTS.join(', ')}`
      violations.push({ pointer, code: 'relay.port', message })
    }
    if (seen.has(port)) {
      violations.push({ pointer, code: 'relay.port', message: 'is in the list twice' })
    }
    seen.add(port)
  }
  if (violations.length > 0) throw invalidRequest(violations)
  return { ...relay, senders }
}

export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
