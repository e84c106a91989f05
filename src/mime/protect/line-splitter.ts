/** Cuts octets into lines and keeps how each one ended: CRLF, a bare LF, or not at all. */

export type LineEnd = '\r\n' | '\n'

/** A line, or a part of a very long one. */
export interface Piece {
  /** Without the line end. */
  octets: Uint8Array
  /** Begins a line. */
  starts: boolean
  /** How the line ends; null where it goes on. */
  end: LineEnd | null
}

const CR = 0x0d
const LF = 0x0a
/** More than this of one line is handed on in pieces. */
const PIECE_LIMIT = 4096

export class LineSplitter {
  #rest: Uint8Array = new Uint8Array(0)
  #starts = true;

  /** The lines that `chunk` ends; chunks may be cut anywhere. */
  *push(chunk: Uint8Array): Generator<Piece, void, void> {
    const octets = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let from = 0
    for (;;) {
      const at = octets.indexOf(LF, from)
      if (at < 0) break
      const crlf = at > from && octets[at - 1] === CR
      yield this.#piece(octets.subarray(from, crlf ? at - 1 : at), crlf ? '\r\n' : '\n')
      from = at + 1
    }
    this.#rest = octets.subarray(from)
    if (this.#rest.length <= PIECE_LIMIT) return
    // A CR at the very end may belong to a CRLF.
    const keep = this.#rest.at(-1) === CR ? 1 : 0
    const whole = this.#rest.length - keep
    yield this.#piece(this.#rest.subarray(0, whole), null)
    this.#rest = this.#rest.subarray(whole)
  }

  /** What no line end followed. */
  *finish(): Generator<Piece, void, void> {
    if (this.#rest.length > 0) yield this.#piece(this.#rest, null)
    this.#rest = new Uint8Array(0)
  }

  #piece(octets: Uint8Array, end: LineEnd | null): Piece {
    const starts = this.#starts
    this.#starts = end !== null
    return { octets, starts, end }
  }
}

/** The lines of a binary string. */
export function* pieces(text: string): Generator<Piece, void, void> {
  const splitter = new LineSplitter()
  yield* splitter.push(Buffer.from(text, 'latin1'))
  yield* splitter.finish()
}
