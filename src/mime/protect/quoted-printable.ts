/** Quoted-printable (RFC 2045 section 6.7) that survives every relay: no blank ends a line, nothing sensitive begins one. */

import type { Sink } from './leaf.ts'
import { startsSensitive } from './sensitive-line.ts'

/** RFC 2045: 76 with the "=" of a soft line break. */
const LINE_OCTETS = 75
const EQUALS = 0x3d
const LETTER_F = 0x46
const HEX = '0123456789ABCDEF'

/** Takes octets and tokens, gives lines; every line break within the content is a call of `newline`. */
export class QuotedWriter {
  readonly #sink: Sink
  #line = ''
  /** A blank that is not written before it is known what follows. */
  #blank = ''

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Octets of a line. */
  write(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] as number
      if (octet === 0x20 || octet === 0x09) {
        this.#flushBlank()
        this.#blank = String.fromCharCode(octet)
        continue
      }
      const plain = octet > 0x20 && octet < 0x7f && octet !== EQUALS
      this.#flushBlank()
      const text = plain ? String.fromCharCode(octet) : quoted(octet)
      this.#append(text)
      if (plain && this.#line === text && this.#mayBeSensitive(octets, at)) {
        this.#line = quoted(octet)
      }
    }
  }

  /** An octet that stays encoded. */
  encoded(octet: number): void {
    this.#flushBlank()
    this.#append(quoted(octet))
  }

  /** A soft line break. */
  soft(): void {
    this.#flushBlank()
    this.#end('=\r\n')
  }

  newline(): void {
    this.#endBlank()
    this.#end('\r\n')
  }

  /** Ends the content; no line end follows it. */
  finish(): void {
    this.#endBlank()
    this.#end('')
  }

  /** Where the octets end too early to tell, it may be. */
  #mayBeSensitive(octets: Uint8Array, at: number): boolean {
    return startsSensitive(octets, at) || (octets[at] === LETTER_F && at + 5 > octets.length)
  }

  #flushBlank(): void {
    if (this.#blank) this.#append(this.#blank)
    this.#blank = ''
  }

  #endBlank(): void {
    if (this.#blank) this.#append(quoted(this.#blank.charCodeAt(0)))
    this.#blank = ''
  }

  #append(token: string): void {
    if (this.#line.length + token.length > LINE_OCTETS) this.#end('=\r\n')
    this.#line += token
  }

  #end(end: string): void {
    this.#sink(Buffer.from(this.#line + end, 'latin1'))
    this.#line = ''
  }
}

function quoted(octet: number): string {
  return `=${HEX[octet >> 4]}${HEX[octet & 15]}`
}
