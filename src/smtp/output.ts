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
    const [only] = pieces
    if (only && pieces.length === 1) return only
    const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    return whole
  }
}
