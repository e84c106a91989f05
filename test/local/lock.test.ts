import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tryLock } from '../../local/lock.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-lock-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('one has it until it is released', () => {
  const file = join(dir, 'lock')
  const first = tryLock(file)
  expect(first).not.toBeNull()
  expect(tryLock(file)).toBeNull()
  first?.release()
  const second = tryLock(file)
  expect(second).not.toBeNull()
  second?.release()
})

test('a killed process leaves none behind', async () => {
  const file = join(dir, 'lock')
  const module = new URL('../../local/lock.ts', import.meta.url).href
  const script = join(dir, 'hold.mjs')
  await writeFile(
    script,
    `import { tryLock } from ${JSON.stringify(module)}
const lock = tryLock(${JSON.stringify(file)})
process.send(lock !== null)
process.on('message', () => lock.release())`,
  )
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  expect(await once(child, 'message')).toEqual([true, undefined])
  expect(tryLock(file)).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'close')
  const mine = tryLock(file)
  expect(mine).not.toBeNull()
  mine?.release()
})
