/** A lock that belongs to this process and that the system takes away with it, however it ends. */

import { DatabaseSync } from 'node:sqlite'

export interface Lock {
  release(): void
}

const SQLITE_BUSY = 5

/**
 * Null where somebody holds it. Keep what is returned: it is the lock.
 * @throws what SQLite says of a file that can't be opened
 */
export function tryLock(file: string): Lock | null {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null
    throw error
  }
}
