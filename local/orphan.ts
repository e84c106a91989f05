/**
 * A runtime outlives a launcher that was killed alone, and still works on its data, though the lock on them went with the
 * launcher. So each launcher notes where its runtime answers, and by which mark; the next one asks there first.
 */

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from './command.ts'

/** Where a runtime says its mark. No route of the Worker begins so. */
export const MARK_PATH = '/.runtime'

const PATIENCE_MS = 2000

interface Note {
  port: number
  mark: string
}

const noteIn = (dir: string) => join(dir, 'runtime.json')

export async function noteRuntime(dir: string, note: Note): Promise<void> {
  await writeFile(noteIn(dir), JSON.stringify(note))
}

/** The runtime has ended. */
export async function forgetRuntime(dir: string): Promise<void> {
  await rm(noteIn(dir), { force: true })
}

/** @throws CommandError where the runtime of an earlier launcher still works on the data */
export async function expectNoOrphan(dir: string): Promise<void> {
  const note = await readNote(dir)
  if (!note || !(await stillRuns(note))) return
  throw new CommandError(
    `The launcher of an earlier gateway on the data in ${dir} was killed, and its runtime still works: end the workerd process that listens on port ${note.port} first.`,
  )
}

async function readNote(dir: string): Promise<Note | null> {
  try {
    return JSON.parse(await readFile(noteIn(dir), 'utf8')) as Note
  } catch {
    return null
  }
}

async function stillRuns({ port, mark }: Note): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${MARK_PATH}`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    return (await response.text()) === mark
  } catch {
    return false
  }
}
