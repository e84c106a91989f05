/** Sources that say their secret in a header and sign nothing: GitLab's token, Basic (RFC 7617) and Bearer (RFC 6750). */

import { sha256 } from '../sha256.ts'
import { readHeader } from './header.ts'
import { isKnownSecret } from './known-secret.ts'
import { asText, fromBase64 } from './octets.ts'
import { refused, type SourceRequest, type Verdict } from './source.ts'

/** No comma, no space: neither is in a secret that this gateway takes for these sources. */
const TOKEN = /^[!-+\--~]{1,1024}$/
const BASIC = /^basic +([A-Za-z0-9+/]{1,1400}={0,2})$/i
const BEARER = /^bearer +([\w.~+/-]{1,1024}=*)$/i

export async function verifyGitLabToken(
  request: SourceRequest,
  secrets: readonly string[],
): Promise<Verdict> {
  const said = readHeader(request.headers, 'x-gitlab-token', TOKEN)
  return typeof said === 'string' ? judge(said, request, secrets) : said
}

export async function verifyBasic(
  request: SourceRequest,
  secrets: readonly string[],
): Promise<Verdict> {
  const header = readHeader(request.headers, 'authorization', BASIC)
  if (typeof header !== 'string') return header
  const octets = fromBase64(BASIC.exec(header)?.[1] ?? '')
  const said = octets && asText(octets)
  return said === undefined ? refused('source.header_malformed') : judge(said, request, secrets)
}

export async function verifyBearer(
  request: SourceRequest,
  { header: name }: { header: string },
  secrets: readonly string[],
): Promise<Verdict> {
  const isBearer = name === 'authorization'
  const header = readHeader(request.headers, name, isBearer ? BEARER : TOKEN)
  if (typeof header !== 'string') return header
  const said = isBearer ? (BEARER.exec(header)?.[1] ?? '') : header
  return judge(said, request, secrets)
}

async function judge(
  said: string,
  { body }: SourceRequest,
  secrets: readonly string[],
): Promise<Verdict> {
  return (await isKnownSecret(said, secrets))
    ? { ok: true, covers: await sha256(body), proof: 'secret' }
    : refused('source.mismatch')
}
