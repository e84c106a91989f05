/** The main text with something put into it: decoded, changed and encoded again. */

import { Base64Reader, Base64Writer } from './base64.ts'
import { HeldLine } from './held-line.ts'
import { CRLF, type Leaf, type Sink } from './leaf.ts'
import type { Inserter } from './legacy-display.ts'
import { LineSplitter } from './line-splitter.ts'
import { QuotedWriter } from './quoted-printable.ts'
import { quotedTokens } from './quoted-tokens.ts'

export class DisplayLeaf implements Leaf {
  readonly #reader: Leaf
  readonly #inserter: Inserter
  readonly #writer: Writer

  /** `encoding` is that of the source; base64 stays base64, all else becomes quoted-printable. */
  constructor(encoding: string, inserter: Inserter, sink: Sink) {
    this.#inserter = inserter
    this.#writer = encoding === 'base64' ? new Base64Writer(sink) : textWriter(sink)
    const content: Sink = (octets) => this.#writer.write(this.#inserter.push(octets))
    this.#reader = readerOf(encoding, content)
  }

  write(octets: Uint8Array): void {
    this.#reader.write(octets)
  }

  newline(): void {
    this.#reader.newline('\r\n')
  }

  finish(): void {
    this.#reader.finish()
    this.#writer.write(this.#inserter.finish())
    this.#writer.finish()
  }
}

interface Writer {
  write(octets: Uint8Array): void
  finish(): void
}

function textWriter(sink: Sink): Writer {
  const writer = new QuotedWriter(sink)
  const lines = new LineSplitter()
  const take = (pieces: ReturnType<LineSplitter['push']>) => {
    for (const { octets, end } of pieces) {
      writer.write(octets)
      if (end) writer.newline()
    }
  }
  return {
    write: (octets) => take(lines.push(octets)),
    finish: () => {
      take(lines.finish())
      writer.finish()
    },
  }
}

function readerOf(encoding: string, content: Sink): Leaf {
  if (encoding === 'base64') {
    const reader = new Base64Reader(content)
    return {
      write: (octets) => reader.write(octets),
      newline: () => undefined,
      finish: () => reader.finish(),
    }
  }
  if (encoding !== 'quoted-printable') {
    return { write: content, newline: () => content(CRLF), finish: () => undefined }
  }
  const line = new HeldLine()
  const end = (): boolean => {
    let soft = false
    for (const token of quotedTokens(line.take())) {
      if ('plain' in token) content(token.plain)
      else if ('encoded' in token) content(Uint8Array.of(token.encoded))
      else soft = true
    }
    return soft
  }
  return {
    write: (octets) => line.push(octets),
    newline: () => {
      if (!end()) content(CRLF)
    },
    finish: () => void end(),
  }
}
