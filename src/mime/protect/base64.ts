/** Base64 in lines of 76 (RFC 2045 section 6.8), while octets stream by. */

import { latin1, type Sink } from './leaf.ts'

const LINE_CHARS = 76
const LINE_OCTETS = 57
/** Octets gathered before they are encoded, in whole lines. */
const BLOCK = LINE_OCTETS * 256

/** The lines that `octets` octets become, with CRLF between them but not at their end. */
export function base64Size(octets: number): number {
  const chars = Math.ceil(octets / 3) * 4
  return chars + 2 * Math.max(0, Math.ceil(chars / LINE_CHARS) - 1)
}

export class Base64Writer {
  readonly #lines: LineWrapper
  #pending: Uint8Array[] = []
  #size = 0

  constructor(sink: Sink) {
    this.#lines = new LineWrapper(sink)
  }

  write(octets: Uint8Array): void {
    this.#pending.push(octets)
    this.#size += octets.length
    if (this.#size >= BLOCK) this.#encode(this.#size - (this.#size % LINE_OCTETS))
  }

  /** Ends the content; no line end follows it. */
  finish(): void {
    this.#encode(this.#size)
    this.#lines.finish()
  }

  #encode(count: number): void {
    const octets = Buffer.concat(this.#pending)
    this.#lines.write(octets.subarray(0, count).toString('base64'))
    this.#pending = [octets.subarray(count)]
    this.#size -= count
  }
}

/** Cuts characters into lines of 76. */
export class LineWrapper {
  readonly #sink: Sink
  #rest = ''
  #begun = false

  constructor(sink: Sink) {
    this.#sink = sink
  }

  write(chars: string): void {
    const text = this.#rest + chars
    const whole = text.length - (text.length % LINE_CHARS)
    this.#rest = text.slice(whole)
    if (whole > 0) this.#emit(text.slice(0, whole).replace(/.{76}(?!$)/g, '$&\r\n'))
  }

  finish(): void {
    if (this.#rest) this.#emit(this.#rest)
    this.#rest = ''
  }

  #emit(lines: string): void {
    this.#sink(Buffer.from(this.#begun ? `\r\n${lines}` : lines, 'latin1'))
    this.#begun = true
  }
}

/** Octets out of base64 characters; all others are passed over, as readers do. */
export class Base64Reader {
  readonly #sink: Sink
  #rest = ''

  constructor(sink: Sink) {
    this.#sink = sink
  }

  write(line: Uint8Array): void {
    const chars = this.#rest + base64Chars(line)
    const whole = chars.length - (chars.length % 4)
    this.#rest = chars.slice(whole)
    if (whole > 0) this.#sink(Buffer.from(chars.slice(0, whole), 'base64'))
  }

  finish(): void {
    if (this.#rest) this.#sink(Buffer.from(this.#rest, 'base64'))
    this.#rest = ''
  }
}

export function base64Chars(line: Uint8Array): string {
  return latin1(line).replace(/[^A-Za-z0-9+/=]/g, '')
}
