/** Moves a message's content from where it is kept to the socket. */

import type { Transaction } from '../ports/relay-session.ts'
import type { SmtpSession } from '../smtp/session.ts'
import { batches } from './octets.ts'

/** Content is collected up to this before it is written, so that a small message goes out in one write. */
const WRITE_OCTETS = 64 * 1024

export interface Outlet {
  now(): number
  /** The transaction ended, or the relay spoke before its turn. */
  isOver(): boolean
  /** Resolves when the socket can take more; false when the write failed. */
  write(octets: Uint8Array): Promise<boolean>
  onProgress(): void
  onFault(error: unknown): void
}

/** With back-pressure; the last octets go only if the message still may, and once it is on disk that they do. */
export async function pumpContent(
  smtp: SmtpSession,
  transaction: Transaction,
  { now, isOver, write, onProgress, onFault }: Outlet,
): Promise<void> {
  let pieces: Uint8Array[] = []
  let octets = 0
  try {
    for (const chunk of transaction.content()) {
      if (isOver()) return
      for (const piece of smtp.carriage.content(chunk, now())) {
        pieces.push(piece)
        octets += piece.length
      }
      if (octets < WRITE_OCTETS) continue
      for (const batch of batches(pieces)) if (!(await write(batch))) return
      pieces = []
      octets = 0
      if (isOver()) return
      onProgress()
    }
    if (isOver()) return
    if (!smtp.carriage.mayEnd(now(), (heard) => transaction.onLastOctets(heard))) return
    await transaction.onDisk()
    if (isOver()) return
    const end = smtp.carriage.lastOctets(now())
    if (end) for (const batch of batches([...pieces, end])) void write(batch)
  } catch (error) {
    onFault(error)
    // Our own side failed, not the relay: without its last octets the message is none.
    if (!isOver()) smtp.dialogue.abort(now(), 'content')
  }
}
