/** A way to a relay: a port and how TLS is begun there. There is no third TLS mode and no "auto". */

export type TlsMode = 'starttls' | 'implicit'

export interface Route {
  port: number
  tls: TlsMode
}

/** `587/starttls`: a route's name in logs, health and answers. */
export type RouteName = `${number}/${TlsMode}`

export function routeName(route: Route): RouteName {
  return `${route.port}/${route.tls}`
}

/** `587`, of a route's name. */
export function portOf(name: RouteName): string {
  return name.slice(0, name.indexOf('/'))
}

/** Ports open to relays; others only where private relays are allowed. */
export const RELAY_PORTS: readonly number[] = [465, 587, 2465, 2525, 2587]
