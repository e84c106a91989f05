/** Boundaries of what is assembled here. */

/** RFC 2046 section 5.1.1 allows 70 characters. "=_" stands in no quoted-printable and no base64. */
export function makeBoundary(random: (octets: number) => Uint8Array): string {
  return `=_${Buffer.from(random(24)).toString('base64url')}`
}

/** Passes octets on, and throws before it would pass on the one that completes the boundary. */
export async function* withoutBoundary(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Uint8Array, void, void> {
  const needle = Buffer.from(boundary, 'latin1')
  let tail = Buffer.alloc(0)
  for await (const chunk of source) {
    const seam = Buffer.concat([tail, chunk.subarray(0, needle.length - 1)])
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    if (seam.includes(needle) || octets.includes(needle)) {
      throw new Error('a boundary stands in what it is to enclose')
    }
    tail = Buffer.concat([tail, octets.subarray(-needle.length)]).subarray(1 - needle.length)
    yield chunk
  }
}
