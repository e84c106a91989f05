/** A data directory: made where it is missing, and one gateway's alone. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandError } from './command.ts'

const SQLITE_BUSY = 5

/** @throws CommandError where nothing can be written there */
export async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true })
  } catch (error) {
    throw notWritable(dir, error)
  }
}

/**
 * Takes the directory until `release` is called or the process ends, however it ends: the lock is the system's.
 * @throws CommandError where another gateway has it, or nothing can be written there
 */
export async function takeDirectory(dir: string): Promise<{ release(): void }> {
  await makeDirectory(dir)
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(dir, 'lock.sqlite'))
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return { release: lock.close.bind(lock) }
  } catch (error) {
    lock?.close()
    const { errcode } = error as { errcode?: number }
    if (errcode !== SQLITE_BUSY) throw notWritable(dir, error)
    throw new CommandError(
      `Another gateway runs on the data in ${dir}. Stop it, or choose another directory with --data DIR.`,
      { cause: error },
    )
  }
}

/** What to say of a directory in which nothing can be written. */
export function notWritable(dir: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code?.startsWith('E') && !code.startsWith('ERR') ? code : message
  return new CommandError(
    `Nothing can be written to ${dir} (${reason}). Choose another directory with --data DIR.`,
    { cause: error },
  )
}
