/** Pieces of content put together for writing. */

/** Larger pieces are written as they are rather than copied. */
const COPY_OCTETS = 16 * 1024

/** Joins runs of small pieces; large ones pass untouched. */
export function batches(pieces: readonly Uint8Array[]): Uint8Array[] {
  const result: Uint8Array[] = []
  let run: Uint8Array[] = []
  for (const piece of pieces) {
    if (piece.length < COPY_OCTETS) {
      run.push(piece)
      continue
    }
    if (run.length > 0) result.push(join(run))
    run = []
    result.push(piece)
  }
  if (run.length > 0) result.push(join(run))
  return result
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  if (only && pieces.length === 1) return only
  let length = 0
  for (const piece of pieces) length += piece.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
