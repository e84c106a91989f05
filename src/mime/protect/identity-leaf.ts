/** Content that isn't encoded: passes as it is where it is clean, else it is encoded. */

import { LINE_LIMIT } from '../header.ts'
import { Base64Writer } from './base64.ts'
import { CRLF, type HeaderWriter, type Leaf, latin1, type Sink } from './leaf.ts'
import { type LineEnd, pieces } from './line-splitter.ts'
import { QuotedWriter } from './quoted-printable.ts'
import { endsBlank, isSevenBit, startsSensitive } from './sensitive-line.ts'

/** Held until it is known whether it is clean; what is longer is encoded. */
const HOLD = 256 * 1024

export interface IdentityFacts {
  /** `text/*`: its line ends are line ends, whatever octets they are. */
  text: boolean
  /** The octets mean nothing as lines: a `binary` transfer encoding, UTF-16. */
  opaque: boolean
}

export class IdentityLeaf implements Leaf {
  readonly #facts: IdentityFacts
  readonly #header: HeaderWriter
  readonly #sink: Sink
  /** As it came, one character an octet. */
  #held = ''
  #high = 0
  #nul = false
  #clean = true
  #line = 0
  #blank = false
  #encoder: Leaf | undefined

  constructor(facts: IdentityFacts, header: HeaderWriter, sink: Sink) {
    this.#facts = facts
    this.#header = header
    this.#sink = sink
  }

  write(octets: Uint8Array): void {
    if (this.#encoder) {
      this.#encoder.write(octets)
      return
    }
    this.#look(octets)
    this.#hold(latin1(octets))
  }

  newline(end: LineEnd): void {
    if (this.#encoder) {
      this.#encoder.newline(end)
      return
    }
    if (this.#blank) this.#clean = false
    this.#line = 0
    this.#blank = false
    this.#hold(end)
  }

  finish(): void {
    if (!this.#encoder) this.#decide(this.#clean && !this.#blank)
    this.#encoder?.finish()
  }

  #hold(text: string): void {
    this.#held += text
    if (this.#held.length > HOLD) this.#decide(false)
  }

  #look(octets: Uint8Array): void {
    if (octets.length === 0) return
    if (this.#line === 0 && startsSensitive(octets)) this.#clean = false
    this.#line += octets.length
    if (this.#line > LINE_LIMIT || !isSevenBit(octets)) this.#clean = false
    this.#blank = endsBlank(octets)
    for (const octet of octets) if (octet > 0x7f) this.#high++
    if (octets.includes(0)) this.#nul = true
  }

  #decide(clean: boolean): void {
    const { text } = this.#facts
    const opaque = this.#facts.opaque || this.#nul
    const dense = this.#high * 3 > this.#held.length
    if (clean && !opaque) {
      this.#header('7bit')
      this.#encoder = plain(this.#sink)
    } else if (text && !opaque && !dense) {
      this.#header('quoted-printable')
      this.#encoder = new QuotedWriter(this.#sink)
    } else {
      this.#header('base64')
      this.#encoder = base64(this.#sink, opaque)
    }
    for (const { octets, end } of pieces(this.#held)) {
      if (octets.length > 0) this.#encoder.write(octets)
      if (end) this.#encoder.newline(end)
    }
    this.#held = ''
  }
}

function plain(sink: Sink): Leaf {
  return { write: sink, newline: () => sink(CRLF), finish: () => undefined }
}

/** Lines are encoded with CRLF (RFC 2045 section 6.8), opaque octets as they came. */
function base64(sink: Sink, opaque: boolean): Leaf {
  const writer = new Base64Writer(sink)
  return {
    write: (octets) => writer.write(octets),
    newline: (end) => writer.write(opaque ? Buffer.from(end, 'latin1') : CRLF),
    finish: () => writer.finish(),
  }
}
