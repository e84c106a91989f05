/** The last pass over every octet that goes out: CRLF line ends, no bare CR, no NUL, no line over 998 octets. */

import { LINE_LIMIT } from './header.ts'

const CR = 0x0d
const LF = 0x0a

export type CanonicalReason = 'bare_cr' | 'nul' | 'line_too_long'

const TEXT: Record<CanonicalReason, string> = {
  bare_cr: 'the content has a CR that no LF follows; line ends are CRLF or LF',
  nul: 'the content has a NUL octet; encode binary content',
  line_too_long: `the content has a line longer than ${LINE_LIMIT} octets; encode it`,
}

export class CanonicalError extends Error {
  override readonly name = 'CanonicalError'
  readonly reason: CanonicalReason

  constructor(reason: CanonicalReason) {
    super(TEXT[reason])
    this.reason = reason
  }
}

/** Push octets in, take canonical ones out; chunks may be cut anywhere, also between CR and LF. */
export class Canonicalizer {
  /** Octets above 127 were seen. */
  eightBit = false
  /** Canonical octets given out so far. */
  octets = 0
  #line = 0
  #previous = LF

  /**
   * Lone LF becomes CRLF; a clean chunk is handed back as it is.
   * @throws CanonicalError
   */
  push(chunk: Uint8Array): Uint8Array {
    const lone: number[] = []
    let line = this.#line
    let previous = this.#previous
    for (let at = 0; at < chunk.length; at++) {
      const octet = chunk[at] as number
      if (octet === LF) {
        if (previous !== CR) lone.push(at)
        line = 0
      } else {
        if (previous === CR) throw new CanonicalError('bare_cr')
        if (octet !== CR) {
          if (octet === 0) throw new CanonicalError('nul')
          if (octet > 0x7f) this.eightBit = true
          if (++line > LINE_LIMIT) throw new CanonicalError('line_too_long')
        }
      }
      previous = octet
    }
    this.#line = line
    this.#previous = previous
    this.octets += chunk.length + lone.length
    return lone.length === 0 ? chunk : withCarriageReturns(chunk, lone)
  }

  /**
   * What is missing at the end: CRLF where the last line has none.
   * @throws CanonicalError
   */
  end(): Uint8Array {
    if (this.#previous === CR) throw new CanonicalError('bare_cr')
    if (this.#previous === LF) return new Uint8Array(0)
    this.#previous = LF
    this.octets += 2
    return Uint8Array.of(CR, LF)
  }
}

/** The canonicaliser as a stream. */
export async function* canonical(
  source: AsyncIterable<Uint8Array>,
  canonicalizer: Canonicalizer = new Canonicalizer(),
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    const octets = canonicalizer.push(chunk)
    if (octets.length > 0) yield octets
  }
  const rest = canonicalizer.end()
  if (rest.length > 0) yield rest
}

/** Line ends of text as CRLF, whatever they were. */
export function crlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n')
}

function withCarriageReturns(chunk: Uint8Array, lone: readonly number[]): Uint8Array {
  const out = new Uint8Array(chunk.length + lone.length)
  let from = 0
  let to = 0
  for (const at of lone) {
    out.set(chunk.subarray(from, at), to)
    to += at - from
    out[to++] = CR
    from = at
  }
  out.set(chunk.subarray(from), to)
  return out
}
