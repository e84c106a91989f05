/** `X-Slack-Signature: v0=…`: HMAC-SHA256 of `v0:time:body`, in hex. */

import { sha256 } from '../sha256.ts'
import { isRefused, readHeader, readSignature } from './header.ts'
import { isSigned } from './keyed-hash.ts'
import { fromHex, joinOctets } from './octets.ts'
import { refused, type SourceRequest, type Verdict } from './source.ts'
import { TIMESTAMP, untimely } from './timely.ts'

export async function verifySlack(
  { headers, body }: SourceRequest,
  { tolerance }: { tolerance: number },
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  const time = readHeader(headers, 'x-slack-request-timestamp', TIMESTAMP)
  if (typeof time !== 'string') return time
  const signature = readSignature(headers, 'x-slack-signature', 'v0=', fromHex)
  if (isRefused(signature)) return signature
  if (!(await isSigned('SHA-256', secrets, joinOctets(`v0:${time}:`, body), [signature]))) {
    return refused('source.mismatch')
  }
  const signedAt = Number(time) * 1000
  // A retry has another time and the same body; every body has an id of its own (`event_id`, `trigger_id`).
  return (
    untimely(signedAt, now, tolerance) ?? {
      ok: true,
      covers: await sha256(body),
      proof: 'signature',
      signedAt,
    }
  )
}
