/** application/pkcs7-mime (RFC 8551 section 3.2): a CMS object in base64 as the whole content. */

import type { Assembled } from './assemble.ts'
import { Base64Writer, base64Size } from './base64.ts'

export type SmimeType = 'enveloped-data' | 'authEnveloped-data' | 'signed-data' | 'compressed-data'

/** `der`: the ContentInfo; `size` its octets where they are known. */
export function pkcs7Entity(
  der: AsyncIterable<Uint8Array>,
  smimeType: SmimeType,
  size?: number,
): Assembled {
  const name = smimeType === 'compressed-data' ? 'smime.p7z' : 'smime.p7m'
  return {
    contentHeaders: [
      ['Content-Type', `application/pkcs7-mime; smime-type=${smimeType}; name="${name}"`],
      ['Content-Transfer-Encoding', 'base64'],
      ['Content-Disposition', `attachment; filename="${name}"`],
    ],
    body: base64Body(der),
    ...(size === undefined ? {} : { size: base64Size(size) + 2 }),
  }
}

/** Octets as base64 lines, CRLF at the end of each. */
export async function* base64Body(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  let out: Uint8Array[] = []
  const writer = new Base64Writer((octets) => out.push(octets))
  for await (const chunk of source) {
    writer.write(chunk)
    yield* out
    out = []
  }
  writer.finish()
  yield* out
  yield Buffer.from('\r\n', 'latin1')
}
