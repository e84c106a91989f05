/**
 * Which hosts a relay may have. TLS proves a name, and a name that means this machine or its network would let whoever
 * manages relays reach inside; the runtime's own network filter stands behind this check, since any name may resolve anywhere.
 */

import { endsInNumber, isHostName, readDomainName } from './domain-name.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)

const PRIVATE_SUFFIXES = [
  // Special-use names (RFC 6761, 6762, 7686, 8375, 9476) and what ICANN set aside for networks of one's own or never gave out.
  ...words('alt arpa invalid local localhost onion test internal corp home mail'),
  // Habit: routers, offices, containers, service discovery.
  ...words('localdomain lan intranet private fritz.box svc consul'),
  // Public zones whose names mean an address that stands in them, or always this machine.
  ...words('nip.io sslip.io xip.io traefik.me localtest.me lvh.me vcap.me lacolhost.com 1u.ms'),
]

/** Public servers; with `private` those of the local network too; with `loopback` this machine and nothing else. */
export type RelayReach = 'public' | 'private' | 'loopback'

/**
 * The host in its one spelling (A-labels, lower case), or in words why it is refused. IP addresses in any notation are:
 * a certificate proves a name.
 */
export function readRelayHost(
  input: string,
  reach: RelayReach,
): { host: string } | { problem: string } {
  const lower = input.toLowerCase()
  if (reach !== 'public' && isHostName(input) && !looksNumeric(lower)) {
    return reach === 'private' || isLoopback(lower) ? { host: lower } : { problem: LEAVES }
  }
  if (looksNumeric(lower) || /[:[\]]/.test(lower)) {
    return { problem: 'is an IP address: give the DNS name that its certificate proves' }
  }
  if (isPrivateName(lower)) {
    return { problem: 'is a name of this machine or a private network' }
  }
  const name = readDomainName(input)
  if ('problem' in name) return { problem: `is not a DNS name: ${name.problem}` }
  return isPrivateName(name.ascii)
    ? { problem: 'is a name of this machine or a private network' }
    : { host: name.ascii }
}

const LEAVES =
  'is not on this machine, and no mail of this start leaves it: to send for real, POSTERN_RELAY_URL=… npm start or npm run serve'

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function looksNumeric(host: string): boolean {
  return endsInNumber(host.replace(/\.$/, ''))
}

function isPrivateName(host: string): boolean {
  const bare = host.replace(/\.+$/, '')
  return PRIVATE_SUFFIXES.some((suffix) => bare === suffix || bare.endsWith(`.${suffix}`))
}
