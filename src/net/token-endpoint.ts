/** Asks a token endpoint: one POST, no redirect, and neither time nor octets without end. */

import type { TokenReply } from '../ports/token-endpoint.ts'

const MOST_BYTES = 64 * 1024
const MOST_MS = 10_000

/** Nothing of the form is in what it answers, but what the endpoint itself repeats. */
export async function askTokenEndpoint(
  url: string,
  form: Record<string, string>,
  limits: { ms: number } = { ms: MOST_MS },
): Promise<TokenReply> {
  const stop = new AbortController()
  const late = Promise.withResolvers<TokenReply>()
  const timer = setTimeout(() => late.resolve({ problem: 'timeout' }), limits.ms)
  try {
    return await Promise.race([ask(url, form, stop.signal), late.promise])
  } catch {
    return { problem: 'unreachable' }
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
}

async function ask(
  url: string,
  form: Record<string, string>,
  signal: AbortSignal,
): Promise<TokenReply> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Postern',
    },
    body: new URLSearchParams(form).toString(),
    signal,
  })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) return { problem: 'too_large' }
    chunks.push(chunk)
  }
  const body = await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text()
  return { status: response.status, body }
}
