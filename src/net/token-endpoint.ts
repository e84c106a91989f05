/** Asks a token endpoint: one POST, bounded. Its URL was checked when it was stored. */

import type { TokenReply } from '../ports/token-endpoint.ts'
import { boundedFetch } from './bounded-fetch.ts'

const MOST_BYTES = 64 * 1024
const MOST_MS = 10_000

/** Nothing of the form is in what it answers, but what the endpoint itself repeats. */
export async function askTokenEndpoint(
  url: string,
  form: Record<string, string>,
  limits: { ms: number } = { ms: MOST_MS },
): Promise<TokenReply> {
  const reply = await boundedFetch(
    url,
    {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Postern',
      },
      body: new URLSearchParams(form).toString(),
    },
    { maxBytes: MOST_BYTES, timeoutMs: limits.ms },
  )
  if ('problem' in reply) {
    return { problem: reply.problem === 'stopped' ? 'unreachable' : reply.problem }
  }
  return { status: reply.status, body: new TextDecoder().decode(reply.body) }
}
