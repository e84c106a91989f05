/** Where the gateway's own requests may go: the same hosts as relays, over HTTPS, since secrets and addresses go there. */

import { type RelayReach, readRelayHost } from './relay-host-guard.ts'

/** The URL in its one spelling, or in words why it is refused. Its host is a name, never an IP address. */
export function readOutsideUrl(
  input: string,
  reach: RelayReach,
): { url: string } | { problem: string } {
  const url = URL.parse(input)
  if (url?.protocol !== 'https:') return { problem: 'has to be https://… and nothing else' }
  if (url.username || url.password) return { problem: 'holds a user or password' }
  if (url.hash) return { problem: 'holds a fragment' }
  if (reach === 'public' && url.port !== '') return { problem: 'has to be on port 443' }
  const host = readRelayHost(url.hostname, reach)
  return 'problem' in host ? { problem: `names a host that ${host.problem}` } : { url: url.href }
}
