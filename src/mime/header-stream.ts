import { HeaderError } from './header.ts'

/**
 * Reads a canonical stream up to the empty line that closes the header, and hands on the rest unread.
 * A stream that ends before it is a header without body.
 * @throws HeaderError where the header is longer than `limit` octets
 */
export async function splitHeader(
  source: AsyncGenerator<Uint8Array, void, void>,
  limit: number,
): Promise<{ header: Uint8Array; body: AsyncGenerator<Uint8Array, void, void> }> {
  const chunks: Uint8Array[] = []
  let size = 0
  // The last octets seen, most recent last: enough to find CRLFCRLF across chunks.
  let tail = 0x0d0a
  for (;;) {
    const next = await source.next()
    if (next.done) return { header: Buffer.concat([...chunks, Buffer.from('\r\n')]), body: source }
    const chunk = next.value
    let end = -1
    for (let at = 0; at < chunk.length && at < limit - size + 1; at++) {
      tail = ((tail << 8) | (chunk[at] as number)) >>> 0
      if (tail === 0x0d0a0d0a) {
        end = at + 1
        break
      }
    }
    if (end < 0 && size + chunk.length > limit) {
      await source.return()
      throw new HeaderError('header_too_large', `the header is longer than ${limit} octets`)
    }
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end))
    size += chunk.length
    if (end >= 0) {
      return { header: Buffer.concat(chunks), body: startingWith(chunk.subarray(end), source) }
    }
  }
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  if (first.length > 0) yield first
  yield* rest
}
