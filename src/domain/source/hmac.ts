/** A scheme that its operator put together: see `HmacSource`. */

import { sha256 } from '../sha256.ts'
import { isRefused, readHeader, readSignature } from './header.ts'
import { isSigned, type KeyedHash } from './keyed-hash.ts'
import { fromBase64, fromBase64Url, fromHex, joinOctets } from './octets.ts'
import { type HmacSource, refused, type SourceRequest, type Verdict } from './source.ts'
import { TIMESTAMP, untimely } from './timely.ts'

const HASHES = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
} as const satisfies Record<HmacSource['algorithm'], KeyedHash>

const DECODERS = { hex: fromHex, base64: fromBase64, base64url: fromBase64Url }

export async function verifyHmac(
  { headers, body }: SourceRequest,
  source: HmacSource,
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  const decode = DECODERS[source.encoding]
  const signature = readSignature(headers, source.header, source.prefix, decode)
  if (isRefused(signature)) return signature
  const time = source.timestamp_header && readHeader(headers, source.timestamp_header, TIMESTAMP)
  if (isRefused(time)) return time
  const signed = joinOctets(
    ...source.content
      .replace('{timestamp}', time ?? '')
      .split(/(\{body\})/)
      .map((part) => (part === '{body}' ? body : part)),
  )
  if (!(await isSigned(HASHES[source.algorithm], secrets, signed, [signature]))) {
    return refused('source.mismatch')
  }
  const covers = await sha256(signed)
  if (time === null) return { ok: true, covers, proof: 'signature' }
  const signedAt = Number(time) * (source.timestamp_unit === 'seconds' ? 1000 : 1)
  return (
    untimely(signedAt, now, source.tolerance) ?? { ok: true, covers, proof: 'signature', signedAt }
  )
}
