/** Pieces of content put together for writing. */

import { join } from '../smtp/output.ts'

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
