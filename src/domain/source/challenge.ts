/** Calls that ask whether anybody is here, and mean no mail. */

import { isKnownSecret } from './known-secret.ts'
import { asJsonObject, asText } from './octets.ts'
import { type Refused, refused, type SourceConfig, type SourceRequest } from './source.ts'

/** Sent back with status 200, as it is. */
export interface ChallengeAnswer {
  contentType: 'text/plain' | 'application/json'
  body: string
}

/** Nothing that a browser could take for markup is said back. */
const CHALLENGE = /^[\w.~+/=-]{1,1024}$/

/**
 * Meta's `hub.challenge`: the one challenge that comes by GET and before anything is signed. Undefined where the call is none.
 */
export async function answerGet(
  { url }: SourceRequest,
  source: SourceConfig,
): Promise<ChallengeAnswer | Refused> {
  if (source.type !== 'meta') return refused('source.method')
  const query = URL.parse(url)?.searchParams
  const one = (name: string) => {
    const values = query?.getAll(name) ?? []
    return values.length === 1 ? (values[0] ?? '') : ''
  }
  const challenge = one('hub.challenge')
  if (one('hub.mode') !== 'subscribe' || !CHALLENGE.test(challenge)) {
    return refused('source.body_malformed')
  }
  return (await isKnownSecret(one('hub.verify_token'), [source.verify_token]))
    ? { contentType: 'text/plain', body: challenge }
    : refused('source.mismatch')
}

/** Slack's `url_verification`, of a call that was verified; null where it is none. */
export function answerChallenge(
  { body }: SourceRequest,
  source: SourceConfig,
): ChallengeAnswer | null {
  if (source.type !== 'slack') return null
  const { type, challenge } = asJsonObject(body) ?? {}
  return type === 'url_verification' && typeof challenge === 'string'
    ? { contentType: 'application/json', body: JSON.stringify({ challenge }) }
    : null
}

/** GitHub's `ping` and Slack's `ssl_check`, of a call that was verified. */
export function isPing({ headers, body }: SourceRequest, source: SourceConfig): boolean {
  if (source.type === 'github') return headers.get('x-github-event') === 'ping'
  if (source.type !== 'slack' || asJsonObject(body)) return false
  return new URLSearchParams(asText(body) ?? '').get('ssl_check') === '1'
}
