import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { type ExampleGateway, hasPrograms, startExampleGateway } from './example-gateway.ts'
import { type Answer, type ScriptedGateway, startScriptedGateway } from './scripted-gateway.ts'

const ANSWER = /^msg_[0-9a-z]{26} (queued|sending|relayed)\n$/
const PROGRAMS = [
  { name: 'node', command: process.execPath, file: 'send.js' },
  { name: 'python', command: 'python3', file: 'send.py' },
  { name: 'php', command: 'php', file: 'send.php' },
]

let gateway: ExampleGateway
let scripted: ScriptedGateway | null = null
let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-files-'))
  gateway = await startExampleGateway()
})
afterAll(async () => {
  await gateway.stop()
  await rm(dir, { recursive: true, force: true })
})
afterEach(async () => {
  await scripted?.stop()
  scripted = null
})

for (const { name, command, file } of PROGRAMS) {
  const run = (args: string[], env: Record<string, string> = {}) =>
    gateway.run(command, [join(ROOT, 'examples', name, file), ...args], { env })

  async function against(...answers: Answer[]) {
    scripted = await startScriptedGateway(answers)
    return run(['you@example.net', 'Hello', 'It works.'], { POSTERN_URL: scripted.url })
  }

  describe.skipIf(!hasPrograms(command))(name, () => {
    test('sends', async () => {
      const subject = `Größe from ${name}`
      const { code, said } = await run(['you@example.net', subject, 'It works.'])
      expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(ANSWER) })
      const { envelope, content } = await gateway.arrival()
      expect(envelope).toMatchObject({ sender: 'ada@example.com', recipients: ['you@example.net'] })
      expect(content).toMatchObject({ subject, text: 'It works.\n' })
    })

    test('says why a mail was refused, and does not try that again', async () => {
      const { code, said } = await run(['nobody', 'Hello', 'It works.'])
      expect(code).toBe(1)
      expect(said).toMatch(/^request\.invalid: .*\/to.*\n$/)
      expect(await against({ status: 403 })).toEqual({
        code: 1,
        said: 'scripted.403: It "is" scripted.\n',
      })
      expect(scripted?.asked).toHaveLength(1)
    })

    test('tries again what may pass, with the same idempotency key', async () => {
      const now = { 'retry-after': '0' }
      const { code, said } = await against(
        { status: 503, headers: now, body: '<h1>busy</h1>' },
        { status: 409, headers: now },
        { status: 202 },
      )
      expect({ code, said }).toEqual({ code: 0, said: 'msg_scripted queued\n' })
      const keys = scripted?.asked.map(({ headers }) => headers['idempotency-key']) ?? []
      expect(keys).toHaveLength(3)
      expect(new Set(keys).size).toBe(1)
      expect(keys[0]).toMatch(/^[0-9a-f-]{32,36}$/)
    })

    test('gives up in one line', async () => {
      const now = { 'retry-after': '0' }
      expect(await against({ status: 502, headers: now, body: '<h1>no</h1>' })).toEqual({
        code: 1,
        said: expect.stringMatching(/^HTTP 502.*\n$/),
      })
      const { url = '' } = scripted ?? {}
      await scripted?.stop()
      const { code, said } = await run(['a@example.net', 'x', 'x'], { POSTERN_URL: url })
      expect(code).toBe(1)
      expect(said).toMatch(/^[^\n]+\n$/)
    })

    test('without its arguments or settings it says how it is called', async () => {
      for (const wrong of [
        await run(['you@example.net']),
        await run(['a@example.net', 'x', 'x'], { POSTERN_KEY: '' }),
      ]) {
        expect(wrong.code).toBe(2)
        expect(wrong.said).toContain(`${file} TO SUBJECT TEXT`)
        expect(wrong.said).toContain('POSTERN_KEY a key')
      }
    })
  })
}

describe.skipIf(!hasPrograms('python3'))('python with files', () => {
  const run = (path: string) =>
    gateway.run('python3', [
      join(ROOT, 'examples', 'python', 'send.py'),
      ...['you@example.net', 'Files', 'It works.', path],
    ])

  test('attaches them', async () => {
    const path = join(dir, 'größe.csv')
    await writeFile(path, 'a,b\n1,2\n')
    expect(await run(path)).toMatchObject({ code: 0 })
    const { content } = await gateway.arrival()
    expect(content.attachments.map(({ filename }) => filename)).toEqual(['größe.csv'])
  })

  test('names the one that cannot be read', async () => {
    const { code, said } = await run(join(dir, 'missing.csv'))
    expect(code).toBe(1)
    expect(said).toMatch(/^[^\n]*missing\.csv[^\n]*\n$/)
  })
})
