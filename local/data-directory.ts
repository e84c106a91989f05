/** A data directory: made where it is missing, and one gateway's alone. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from './command.ts'
import { type Lock, tryLock } from './lock.ts'

/** @throws CommandError where nothing can be written there */
export async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true })
  } catch (error) {
    throw notWritable(dir, error)
  }
}

/**
 * Takes the directory until it is released or the process ends.
 * @throws CommandError where another gateway has it, or nothing can be written there
 */
export async function takeDirectory(dir: string): Promise<Lock> {
  await makeDirectory(dir)
  let lock: Lock | null
  try {
    lock = tryLock(join(dir, 'lock.sqlite'))
  } catch (error) {
    throw notWritable(dir, error)
  }
  if (lock) return lock
  throw new CommandError(
    `Another gateway runs on the data in ${dir}. Stop it, or choose another directory with --data DIR.`,
  )
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
