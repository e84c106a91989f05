/** Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, and `webhook-signature` over both and the body. */

import { sha256 } from '../sha256.ts'
import { readHeader } from './header.ts'
import { isSigned } from './keyed-hash.ts'
import { fromBase64, joinOctets, type Octets } from './octets.ts'
import { refused, type SourceRequest, type Verdict } from './source.ts'
import { TIMESTAMP, untimely } from './timely.ts'

/** No full stop: the first one in what is signed ends it. */
const ID = /^[!-+\-/-~]{1,256}$/
/** Other versions may stand beside `v1`. */
const SIGNATURES = /^[a-z0-9]+,[A-Za-z0-9+/=]+(?: [a-z0-9]+,[A-Za-z0-9+/=]+){0,9}$/

/** Secrets are base64, with or without `whsec_`. */
export async function verifyStandardWebhooks(
  { headers, body }: SourceRequest,
  { tolerance }: { tolerance: number },
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  const id = readHeader(headers, 'webhook-id', ID)
  if (typeof id !== 'string') return id
  const time = readHeader(headers, 'webhook-timestamp', TIMESTAMP)
  if (typeof time !== 'string') return time
  const list = readHeader(headers, 'webhook-signature', SIGNATURES)
  if (typeof list !== 'string') return list
  const signatures = list.split(' ').flatMap((entry) => {
    const [version, text = ''] = entry.split(',')
    return version === 'v1' ? (fromBase64(text) ?? []) : []
  })
  const keys = secrets.flatMap((secret) => standardKey(secret) ?? [])
  if (keys.length === 0) return refused('source.no_secret')
  if (!(await isSigned('SHA-256', keys, joinOctets(`${id}.${time}.`, body), signatures))) {
    return refused('source.mismatch')
  }
  const signedAt = Number(time) * 1000
  return (
    untimely(signedAt, now, tolerance) ?? {
      ok: true,
      covers: await sha256(id),
      proof: 'signature',
      signedAt,
    }
  )
}

export function standardKey(secret: string): Octets | undefined {
  return fromBase64(secret.replace(/^whsec_/, ''))
}
