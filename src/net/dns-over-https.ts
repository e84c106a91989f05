/** Whether a host has an address in DNS, by a resolver that answers JSON over HTTPS. `fetch` doesn't say why it reached nobody. */

import * as z from 'zod/mini'
import type { Outside } from '../ports/outside.ts'

/**
 * `none`: the name has neither A nor AAAA, nor an alias; `unknown`: the resolver failed, or was told a failure. Of a name
 * without address `exists` says whether it has anything else (NODATA), or isn't there at all (NXDOMAIN).
 */
export type HostAddress = 'some' | 'unknown' | { none: { exists: boolean } }

export type HostLookup = (host: string, abort: AbortSignal) => Promise<HostAddress>

const MOST_BYTES = 16 * 1024
const MOST_MS = 3000

const NOERROR = 0
const NXDOMAIN = 3

const answer = z.object({
  Status: z.number(),
  TC: z.optional(z.boolean()),
  Answer: z.optional(z.array(z.unknown())),
})

export function dnsOverHttps(outside: Outside, resolver: string): HostLookup {
  return async (host, abort) => {
    const types = ['A', 'AAAA'] as const
    const found = await Promise.all(types.map((type) => ask(outside, resolver, host, type, abort)))
    if (found.includes('some')) return 'some'
    if (found.includes('unknown')) return 'unknown'
    return { none: { exists: !found.includes('nxdomain') } }
  }
}

async function ask(
  outside: Outside,
  resolver: string,
  host: string,
  type: 'A' | 'AAAA',
  abort: AbortSignal,
): Promise<'some' | 'nodata' | 'nxdomain' | 'unknown'> {
  const url = new URL(resolver)
  url.searchParams.set('name', host)
  url.searchParams.set('type', type)
  const reply = await outside({
    method: 'GET',
    url: url.href,
    headers: { accept: 'application/dns-json' },
    maxBytes: MOST_BYTES,
    timeoutMs: MOST_MS,
    abort,
  })
  if ('problem' in reply || reply.status !== 200) return 'unknown'
  const read = answer.safeParse(readJson(reply.body))
  if (!read.success || read.data.TC) return 'unknown'
  const { Status: status, Answer: records = [] } = read.data
  // An alias that leads nowhere is no absence: somebody set the name up.
  if (records.length > 0) return status === NOERROR || status === NXDOMAIN ? 'some' : 'unknown'
  if (status === NXDOMAIN) return 'nxdomain'
  return status === NOERROR ? 'nodata' : 'unknown'
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
