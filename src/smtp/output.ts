/** What a session has to say, collected so that a flight is one write. */

const encoder = new TextEncoder()

export class Output {
  #pieces: Uint8Array[] = []

  push(piece: string | Uint8Array): void {
    this.#pieces.push(typeof piece === 'string' ? encoder.encode(piece) : piece)
  }

  /** Empty where nothing is to be said. */
  take(): Uint8Array {
    const pieces = this.#pieces
    this.#pieces = []
    return join(pieces)
  }
}

/** A single piece stays the one it is. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  if (only && pieces.length === 1) return only
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
