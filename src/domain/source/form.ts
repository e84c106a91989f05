/**
 * A form on somebody's page, open to anyone by its nature. `Origin` (RFC 6454), which browsers send with every POST and no page
 * can change, says whose page; a field that people don't see catches those who fill in all of them.
 */

import { sha256 } from '../sha256.ts'
import { readHeader } from './header.ts'
import { asJsonObject } from './octets.ts'
import { refused, type SourceRequest, type Verdict } from './source.ts'

export async function verifyForm(
  request: SourceRequest,
  { origins, honeypot }: { origins: readonly string[]; honeypot: string | null },
): Promise<Verdict> {
  const origin = readHeader(request.headers, 'origin', /^[^,\s]+$/)
  if (typeof origin !== 'string') return origin
  if (!origins.includes(origin)) return refused('source.origin')
  const filled = honeypot === null ? [] : await valuesOf(request, honeypot)
  if (filled === undefined) return refused('source.body_malformed')
  if (filled.some((value) => value !== '')) return refused('source.honeypot')
  return { ok: true, covers: await sha256(request.body), proof: 'none' }
}

/** All values of a field; undefined where the body can't be read. */
async function valuesOf(
  { headers, body }: SourceRequest,
  name: string,
): Promise<unknown[] | undefined> {
  const type = headers.get('content-type') ?? ''
  if (/^application\/json\s*(?:;|$)/i.test(type)) {
    const value = asJsonObject(body)
    if (!value) return undefined
    return Object.hasOwn(value, name) && value[name] !== null ? [value[name]].flat() : []
  }
  try {
    const octets = body as Uint8Array<ArrayBuffer>
    const form = await new Response(octets, { headers: { 'content-type': type } }).formData()
    return form.getAll(name)
  } catch {
    return undefined
  }
}
