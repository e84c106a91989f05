/**
 * `X-Twilio-Signature`: HMAC-SHA1, in base64, of the URL and then every form field, sorted, name and value without anything
 * between them. Other bodies are covered by `bodySHA256` in the query.
 */

import { equalHashes } from '../api-key.ts'
import { sha256 } from '../sha256.ts'
import { isRefused, readSignature } from './header.ts'
import { isSigned } from './keyed-hash.ts'
import { asText, fromBase64, utf8 } from './octets.ts'
import { type Refused, refused, type SourceRequest, type Verdict } from './source.ts'

export async function verifyTwilio(
  request: SourceRequest,
  { url }: { url: string | null },
  secrets: readonly string[],
): Promise<Verdict> {
  const signature = readSignature(request.headers, 'x-twilio-signature', '', fromBase64)
  if (isRefused(signature)) return signature
  const fields = await signedFields(request)
  if (isRefused(fields)) return fields
  const called = url === null ? request.url : url + queryOf(request.url)
  for (const candidate of [withoutPort(called), withPort(called)]) {
    const signed = utf8(candidate + fields)
    if (await isSigned('SHA-1', secrets, signed, [signature])) {
      return { ok: true, covers: await sha256(signed), proof: 'signature' }
    }
  }
  return refused('source.mismatch')
}

async function signedFields({ url, headers, body }: SourceRequest): Promise<string | Refused> {
  const hashes = new URLSearchParams(queryOf(url)).getAll('bodySHA256')
  if (hashes.length > 0) {
    const covered =
      hashes.length === 1 && equalHashes((hashes[0] ?? '').toLowerCase(), await sha256(body))
    return covered ? '' : refused('source.body_unsigned')
  }
  if (body.byteLength === 0) return ''
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers.get('content-type') ?? '')) {
    return refused('source.body_unsigned')
  }
  const text = asText(body)
  if (text === undefined) return refused('source.body_malformed')
  return inOrder(new URLSearchParams(text))
}

/** One pass: nothing is proven yet, and asking for each name anew would be work without end. */
function inOrder(fields: Iterable<[string, string]>): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of fields) {
    const known = values.get(name)
    if (known) known.add(value)
    else values.set(name, new Set([value]))
  }
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value))
    .join('')
}

function queryOf(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}

/** Twilio leaves the port in or out, by the kind of call. Only the authority changes: the rest stays as it was written. */
const AUTHORITY = /^(https?):\/\/([^/?#]*?)(?::\d+)?(?=[/?#]|$)/i

function withoutPort(url: string): string {
  return url.replace(AUTHORITY, '$1://$2')
}

function withPort(url: string): string {
  const [start = '', scheme = ''] = AUTHORITY.exec(url) ?? []
  if (/:\d+$/.test(start)) return url
  return start + (scheme.toLowerCase() === 'http' ? ':80' : ':443') + url.slice(start.length)
}
