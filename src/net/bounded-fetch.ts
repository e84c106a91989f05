/** One request, no redirect, and neither time nor octets without end. */

export interface FetchBounds {
  maxBytes: number
  timeoutMs: number
  abort?: AbortSignal | undefined
}

export type BoundedReply =
  | { status: number; headers: Headers; body: Uint8Array<ArrayBuffer> }
  | { problem: 'timeout' | 'too_large' | 'unreachable' | 'stopped' }

/** Never rejects. The time is the wall clock's and goes to the last octet; octets count decompressed. */
export async function boundedFetch(
  url: string,
  init: RequestInit,
  { maxBytes, timeoutMs, abort }: FetchBounds,
): Promise<BoundedReply> {
  if (abort?.aborted) return { problem: 'stopped' }
  const end = new AbortController()
  const ended = Promise.withResolvers<BoundedReply>()
  const timer = setTimeout(() => ended.resolve({ problem: 'timeout' }), timeoutMs)
  const onAbort = () => ended.resolve({ problem: 'stopped' })
  abort?.addEventListener('abort', onAbort)
  try {
    return await Promise.race([ask(url, { ...init, signal: end.signal }, maxBytes), ended.promise])
  } catch {
    return { problem: 'unreachable' }
  } finally {
    clearTimeout(timer)
    abort?.removeEventListener('abort', onAbort)
    end.abort()
  }
}

async function ask(url: string, init: RequestInit, maxBytes: number): Promise<BoundedReply> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return { problem: 'too_large' }
    chunks.push(chunk as Uint8Array<ArrayBuffer>)
  }
  const body = new Uint8Array(await new Blob(chunks).arrayBuffer())
  return { status: response.status, headers: response.headers, body }
}
