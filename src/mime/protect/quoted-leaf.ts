/** Quoted-printable as somebody else wrote it: clean lines pass as they are, the others are written anew. */

import { LINE_LIMIT } from '../header.ts'
import { HeldLine } from './held-line.ts'
import { CRLF, type Leaf, type Sink } from './leaf.ts'
import { QuotedWriter } from './quoted-printable.ts'
import { quotedTokens } from './quoted-tokens.ts'
import { endsBlank, isSevenBit, startsSensitive } from './sensitive-line.ts'

export class QuotedLeaf implements Leaf {
  readonly #sink: Sink
  readonly #writer: QuotedWriter
  readonly #line = new HeldLine()

  constructor(sink: Sink) {
    this.#sink = sink
    this.#writer = new QuotedWriter(sink)
  }

  write(octets: Uint8Array): void {
    this.#line.push(octets)
  }

  newline(): void {
    const line = this.#line.take()
    if (isClean(line)) {
      this.#sink(line)
      this.#sink(CRLF)
    } else if (!this.#mend(line)) this.#writer.newline()
  }

  finish(): void {
    const line = this.#line.take()
    if (isClean(line)) this.#sink(line)
    else this.#mend(line)
    this.#writer.finish()
  }

  /** True where the line went on softly. */
  #mend(line: Uint8Array): boolean {
    for (const token of quotedTokens(line)) {
      if ('plain' in token) this.#writer.write(token.plain)
      else if ('encoded' in token) this.#writer.encoded(token.encoded)
      else {
        this.#writer.soft()
        return true
      }
    }
    return false
  }
}

function isClean(line: Uint8Array): boolean {
  return line.length <= LINE_LIMIT && isSevenBit(line) && !endsBlank(line) && !startsSensitive(line)
}
