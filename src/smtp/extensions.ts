/** What a relay offers in its EHLO reply (RFC 5321 §4.1.1.1). */

import type { FullReply } from './reply-parser.ts'

export interface Extensions {
  /** Keywords in upper case, in the relay's order. */
  names: string[]
  pipelining: boolean
  starttls: boolean
  eightBitMime: boolean
  smtputf8: boolean
  chunking: boolean
  dsn: boolean
  requiretls: boolean
  /** Largest message in octets (RFC 1870); undefined: not offered or not said. */
  size: number | undefined
  offersSize: boolean
  /** Mechanisms in upper case, in the relay's order. */
  auth: string[]
  /** RFC 9422. */
  limits: { mailMax?: number; rcptMax?: number; rcptDomainMax?: number }
}

/** More than any server has; what a hostile one writes beyond goes into no log. */
const MOST = 64
const KEYWORD = /^[A-Z0-9][A-Z0-9-]{0,39}$/

export function readExtensions(reply: Pick<FullReply, 'lines'>): Extensions {
  const offered = new Map<string, string[]>()
  const auth = new Set<string>()
  for (const line of reply.lines.slice(1)) {
    const [word = '', ...parameters] = line.trim().split(/\s+/)
    // Some relays still write the old form, "AUTH=LOGIN PLAIN".
    const [keyword = '', old] = word.toUpperCase().split('=', 2)
    if (!KEYWORD.test(keyword) || offered.size >= MOST) continue
    if (keyword === 'AUTH') {
      for (const mechanism of [old, ...parameters]) if (mechanism) auth.add(mechanism.toUpperCase())
    }
    offered.set(keyword, parameters)
  }
  return {
    names: [...offered.keys()],
    pipelining: offered.has('PIPELINING'),
    starttls: offered.has('STARTTLS'),
    eightBitMime: offered.has('8BITMIME'),
    smtputf8: offered.has('SMTPUTF8'),
    chunking: offered.has('CHUNKING'),
    dsn: offered.has('DSN'),
    requiretls: offered.has('REQUIRETLS'),
    size: positive(offered.get('SIZE')?.[0]),
    offersSize: offered.has('SIZE'),
    auth: [...auth],
    limits: readLimits(offered.get('LIMITS') ?? []),
  }
}

function readLimits(parameters: string[]): Extensions['limits'] {
  const limit = (name: string) =>
    positive(parameters.find((p) => p.toUpperCase().startsWith(`${name}=`))?.slice(name.length + 1))
  const mailMax = limit('MAILMAX')
  const rcptMax = limit('RCPTMAX')
  const rcptDomainMax = limit('RCPTDOMAINMAX')
  return {
    ...(mailMax && { mailMax }),
    ...(rcptMax && { rcptMax }),
    ...(rcptDomainMax && { rcptDomainMax }),
  }
}

/** A size of 0 means no fixed limit (RFC 1870 §4). */
function positive(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) && Number(text) > 0
    ? Number(text)
    : undefined
}
