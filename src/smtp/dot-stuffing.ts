/**
 * Content on its way to the end of data (RFC 5321 §4.5.2): a dot before each line's leading dot, CRLF the only line
 * ending, and the last line ended by CRLF.CRLF. The last line ending is held back until `end()`, so that nothing
 * before it can complete a message.
 */

const LF = 10
const CR = 13
const DOT = 46
const CRLF = Uint8Array.of(CR, LF)
const STUFFING = Uint8Array.of(DOT)
const END = Uint8Array.of(CR, LF, DOT, CR, LF)

export class DotStuffer {
  #out: Uint8Array[] = []
  /** The octet before the next one; content begins on a fresh line. */
  #previous = LF
  /** A line ending that was seen and not yet passed on. */
  #pendingBreak = false
  /** That line ending was a CR at the end of a chunk: an LF may still belong to it. */
  #openBreak = false
  #empty = true

  /** Answers what may go now; untouched stretches are views of `chunk`, not copies. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#out = []
    if (chunk.length === 0) return this.#out
    let i = this.#openBreak && chunk[0] === LF ? 1 : 0
    this.#openBreak = false
    let start = i
    let previous = this.#previous
    for (; i < chunk.length; i++) {
      const octet = chunk[i] as number
      if (octet > DOT && previous !== CR) {
        previous = octet
        continue
      }
      if (octet === LF && previous !== CR) {
        this.#stretch(chunk, start, i)
        this.#break()
        start = i + 1
      } else if (octet !== LF && previous === CR) {
        this.#stretch(chunk, start, i - 1)
        this.#break()
        start = i
        previous = LF
      }
      if (octet === DOT && previous === LF) {
        this.#stretch(chunk, start, i)
        this.#pass(STUFFING)
        start = i
      }
      previous = octet
    }
    this.#previous = previous
    this.#tail(chunk, start)
    return this.#out
  }

  /** The last octets of all. */
  end(): Uint8Array {
    return this.#empty ? END.subarray(2) : END
  }

  #tail(chunk: Uint8Array, start: number): void {
    const end = chunk.length
    if (start >= end) return
    if (this.#previous === CR) {
      this.#stretch(chunk, start, end - 1)
      this.#break()
      this.#openBreak = true
      this.#previous = LF
    } else if (this.#previous === LF) {
      this.#stretch(chunk, start, end - 2)
      this.#break()
    } else this.#stretch(chunk, start, end)
  }

  #stretch(chunk: Uint8Array, from: number, to: number): void {
    if (to > from) this.#pass(chunk.subarray(from, to))
  }

  #pass(piece: Uint8Array): void {
    if (this.#pendingBreak) this.#out.push(CRLF)
    this.#pendingBreak = false
    this.#empty = false
    this.#out.push(piece)
  }

  #break(): void {
    if (this.#pendingBreak) this.#out.push(CRLF)
    this.#pendingBreak = true
    this.#empty = false
  }
}
