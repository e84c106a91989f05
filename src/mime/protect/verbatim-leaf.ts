/** Content that must not be changed, a signed part for one: passes with CRLF line ends, or the message is refused. */

import { ProtectionError } from '../../domain/protection-error.ts'
import { LINE_LIMIT } from '../header.ts'
import { CRLF, type Leaf, type Sink } from './leaf.ts'
import { isSevenBit } from './sensitive-line.ts'

export class VerbatimLeaf implements Leaf {
  readonly #type: string
  readonly #sink: Sink
  #length = 0

  constructor(type: string, sink: Sink) {
    this.#type = type
    this.#sink = sink
  }

  write(octets: Uint8Array): void {
    this.#length += octets.length
    if (this.#length > LINE_LIMIT || !isSevenBit(octets)) {
      throw new ProtectionError(
        'message.uncanonicalisable',
        `a ${this.#type} part has 8-bit octets, a bare CR or a line over ${LINE_LIMIT} octets, and must not be changed`,
      )
    }
    this.#sink(octets)
  }

  newline(): void {
    this.#length = 0
    this.#sink(CRLF)
  }

  finish(): void {}
}
