/** `Stripe-Signature: t=…,v1=…`: HMAC-SHA256 of time and body, in hex; several `v1` while a secret is rolled. */

import { sha256 } from '../sha256.ts'
import { readHeader } from './header.ts'
import { isSigned } from './keyed-hash.ts'
import { asJsonObject, fromHex, joinOctets } from './octets.ts'
import { refused, type SourceRequest, type Verdict } from './source.ts'
import { TIMESTAMP, untimely } from './timely.ts'

const HEADER = /^[a-z0-9]+=[^,\s]{1,256}(?:,[a-z0-9]+=[^,\s]{1,256}){0,10}$/

export async function verifyStripe(
  { headers, body }: SourceRequest,
  { tolerance }: { tolerance: number },
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  const header = readHeader(headers, 'stripe-signature', HEADER)
  if (typeof header !== 'string') return header
  const entries = header.split(',').map((entry) => entry.split('='))
  const values = (name: string) =>
    entries.flatMap(([key, value]) => (key === name ? (value ?? '') : []))
  const [time = '', ...otherTimes] = values('t')
  if (!TIMESTAMP.test(time) || otherTimes.length > 0) return refused('source.header_malformed')
  const signatures = values('v1').flatMap((text) => fromHex(text) ?? [])
  if (signatures.length === 0) return refused('source.header_malformed')
  if (!(await isSigned('SHA-256', secrets, joinOctets(`${time}.`, body), signatures))) {
    return refused('source.mismatch')
  }
  const signedAt = Number(time) * 1000
  return (
    untimely(signedAt, now, tolerance) ?? {
      ok: true,
      covers: await sha256(eventId(body) ?? body),
      proof: 'signature',
      signedAt,
    }
  )
}

/** A retry counts `pending_webhooks` anew: the event's id, signed with the rest, is what stays. */
function eventId(body: Uint8Array): string | undefined {
  const id = asJsonObject(body)?.id
  return typeof id === 'string' && id.startsWith('evt_') ? id : undefined
}
