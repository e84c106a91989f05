/** Base64 as somebody else wrote it: passes as it is; from the first line on that is no clean one it is cut into lines anew. */

import { LINE_LIMIT } from '../header.ts'
import { base64Chars, LineWrapper } from './base64.ts'
import { CRLF, type Leaf, type Sink } from './leaf.ts'

const ALPHABET = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=') {
  ALPHABET[char.charCodeAt(0)] = 1
}

export class Base64Leaf implements Leaf {
  readonly #sink: Sink
  #length = 0
  #wrapper: LineWrapper | undefined

  constructor(sink: Sink) {
    this.#sink = sink
  }

  write(octets: Uint8Array): void {
    if (!this.#wrapper && (this.#length + octets.length > LINE_LIMIT || !isBase64(octets))) {
      // Whatever has gone out of this line stays one.
      if (this.#length > 0) this.#sink(CRLF)
      this.#wrapper = new LineWrapper(this.#sink)
    }
    this.#length += octets.length
    if (this.#wrapper) this.#wrapper.write(base64Chars(octets))
    else this.#sink(octets)
  }

  newline(): void {
    this.#length = 0
    if (!this.#wrapper) this.#sink(CRLF)
  }

  finish(): void {
    this.#wrapper?.finish()
  }
}

function isBase64(octets: Uint8Array): boolean {
  for (let at = 0; at < octets.length; at++) if (!ALPHABET[octets[at] as number]) return false
  return true
}
