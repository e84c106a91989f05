/** Asking for an access token (RFC 6749 §4.4, §6) and what the answer means. */

import type { Failure } from '../domain/failure.ts'
import type { OAuthClient, OAuthCredential } from '../domain/relay.ts'
import type { TokenGrant } from '../ports/relay-gate.ts'
import type { TokenEndpoint, TokenReply } from '../ports/token-endpoint.ts'

/** Where the server says nothing (`expires_in` is only recommended). */
const UNSTATED_S = 600
const LONGEST_S = 86_400
/** So long before its end a token isn't used any more: sessions take a while to be set up. */
const MARGIN_MS = 60_000
/** In base64 with what stands around it, it still fits in a line of AUTH (RFC 4954 §4). */
const LONGEST_TOKEN = 8192
const LONGEST_DETAIL = 300

/** RFC 6749 §5.2: asking again changes nothing, somebody has to. */
const VERDICTS: readonly string[] = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]

export async function askForToken(
  endpoint: TokenEndpoint,
  client: OAuthClient,
  secrets: OAuthCredential,
): Promise<TokenGrant | Failure> {
  const reply = await endpoint(client.token_url, grantForm(client, secrets))
  const { client_secret, refresh_token } = secrets
  return readGrant(reply, refresh_token === null ? [client_secret] : [client_secret, refresh_token])
}

/** The client proves itself in the body (RFC 6749 §2.3.1), which the large providers all take. */
export function grantForm(
  { client_id, scope, grant }: OAuthClient,
  { client_secret, refresh_token }: OAuthCredential,
): Record<string, string> {
  return {
    grant_type: grant,
    client_id,
    client_secret,
    ...(grant === 'refresh_token' && { refresh_token: refresh_token ?? '' }),
    ...(scope !== null && { scope }),
  }
}

/** `secrets` never appear in the failure, though the endpoint repeat them. */
export function readGrant(reply: TokenReply, secrets: readonly string[]): TokenGrant | Failure {
  if ('problem' in reply) return failed(reply.problem)
  const { status, body } = reply
  const said = readObject(body)
  if (status >= 200 && status < 300) return readToken(said) ?? failed(`${status} without a token`)
  const { error, error_description: description } = said
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined
  const detail = [code ?? 'no OAuth error', typeof description === 'string' && description]
    .filter((part) => part)
    .join(': ')
  const isVerdict = status >= 400 && status < 500 && code !== undefined && VERDICTS.includes(code)
  return {
    step: 'auth',
    cause: isVerdict ? 'token_refused' : 'token_failed',
    detail: without(secrets, `${status} ${detail}`),
  }
}

function failed(detail: string): Failure {
  return { step: 'auth', cause: 'token_failed', detail }
}

function readObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function readToken(said: Record<string, unknown>): TokenGrant | undefined {
  const { access_token: token, token_type: type, expires_in: seconds, refresh_token } = said
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token) || token.length > LONGEST_TOKEN) {
    return undefined
  }
  if (typeof type === 'string' && type.toLowerCase() !== 'bearer') return undefined
  const stated = Number(seconds ?? UNSTATED_S) || 0
  const lifetimeMs = 1000 * Math.min(Math.max(stated, 0), LONGEST_S)
  return {
    token,
    usableMs: Math.max(lifetimeMs - MARGIN_MS, lifetimeMs / 2),
    refreshToken:
      typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : undefined,
  }
}

function without(secrets: readonly string[], text: string): string {
  let kept = text
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret)]) {
      kept = kept.replaceAll(form, '[redacted]')
    }
  }
  return kept.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').slice(0, LONGEST_DETAIL)
}
