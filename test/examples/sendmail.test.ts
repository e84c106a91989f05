import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { type ExampleGateway, hasPrograms, startExampleGateway } from './example-gateway.ts'
import { type Answer, type ScriptedGateway, startScriptedGateway } from './scripted-gateway.ts'

const MAIL = 'From: Ada <ada@example.com>\nTo: you@example.net\nBcc: hidden@example.org\n'
const NAMED = `${MAIL}Message-ID:\n <1@example.com>\nSubject: Hello\n\nIt works.\n`

describe.skipIf(!hasPrograms('sh', 'curl'))('sendmail', () => {
  let gateway: ExampleGateway
  let scripted: ScriptedGateway | null = null
  beforeAll(async () => {
    gateway = await startExampleGateway()
  })
  afterAll(() => gateway.stop())
  afterEach(async () => {
    await scripted?.stop()
    scripted = null
  })

  const sendmail = (args: string[], input: string, env: Record<string, string> = {}) =>
    gateway.run(join(ROOT, 'examples', 'sendmail'), args, { input, env })

  async function against(answer: Answer, args: string[], input: string) {
    scripted = await startScriptedGateway([answer])
    return sendmail(args, input, { POSTERN_URL: scripted.url })
  }
  const keyOf = async (args: string[], input: string) => {
    await against({ status: 202 }, args, input)
    const key = scripted?.asked[0]?.headers['idempotency-key']
    await scripted?.stop()
    return key
  }

  test('with recipients and sender as arguments', async () => {
    const input = `${MAIL}Subject: Hello from sendmail\n\nIt works.\n\n\n`
    expect(
      await sendmail(
        [
          ...['-oi', '-odb', '-bm', '-v', '-B8BITMIME', '-FAda', '-f', 'bounces@example.com'],
          ...['bo@example.net', 'cy@example.net'],
        ],
        input,
      ),
    ).toEqual({ code: 0, said: '' })
    const { envelope, content } = await gateway.arrival()
    expect(envelope).toMatchObject({
      sender: 'bounces@example.com',
      recipients: ['bo@example.net', 'cy@example.net'],
    })
    expect(content).toMatchObject({ subject: 'Hello from sendmail', text: 'It works.\n\n\n' })
  })

  test('-t takes the recipients from the header, Bcc too; -f "" is the null sender', async () => {
    const input = `${MAIL}Subject: Hello -t\n\nIt works.\n`
    expect(await sendmail(['-t', '-i', '-f', ''], input)).toEqual({ code: 0, said: '' })
    const { envelope, content } = await gateway.arrival()
    expect(envelope.sender).toBe('')
    expect([...envelope.recipients].sort()).toEqual(['hidden@example.org', 'you@example.net'])
    expect(content.bcc).toBeUndefined()
  })

  test('a mail that comes again is not sent again', async () => {
    expect(await sendmail(['-t'], NAMED)).toEqual({ code: 0, said: '' })
    expect(await sendmail(['-t'], NAMED)).toEqual({ code: 0, said: '' })
    await sendmail(['-t'], `${MAIL}Subject: The next\n\n`)
    expect((await gateway.arrival()).content.subject).toBe('Hello')
    expect((await gateway.arrival()).content.subject).toBe('The next')
  })

  test('the key is of mail and envelope; a mail without name and time has none', async () => {
    const key = await keyOf(['-t'], NAMED)
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(await keyOf(['-t'], NAMED.replaceAll('\n', '\r\n'))).toMatch(/^[0-9a-f]{64}$/)
    expect(await keyOf(['bo@example.net'], NAMED)).not.toBe(key)
    expect(await keyOf(['-t'], `${NAMED}More.\n`)).not.toBe(key)
    expect(await keyOf(['-t'], `${MAIL}\nDate: in the body only\n`)).toBeUndefined()
  })

  test('a mail without From is from -f, else from this user of this machine', async () => {
    const mail = 'Subject: cron\n\nFrom: the body\n'
    expect(await sendmail(['-f', 'root@example.com', 'you@example.net'], mail)).toMatchObject({
      code: 0,
    })
    expect((await gateway.arrival()).content).toMatchObject({
      subject: 'cron',
      from: { address: 'root@example.com' },
    })
    await against({ status: 202 }, ['you@example.net'], mail)
    const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
    const host = spawnSync('uname', ['-n'], { encoding: 'utf8' }).stdout.trim()
    expect(scripted?.asked[0]?.body).toBe(`From: ${user}@${host}\n${mail}`)
  })

  test('what the gateway refuses for good is final, with its reason', async () => {
    const wrongKey = await sendmail(['-t'], NAMED, { POSTERN_KEY: 'pst_wrong' })
    expect(wrongKey).toEqual({ code: 77, said: expect.stringContaining('auth.invalid') })
    expect(wrongKey.said).not.toContain('pst_wrong')
    expect(await sendmail(['root'], NAMED)).toEqual({
      code: 65,
      said: expect.stringContaining('address.invalid'),
    })
    expect(await sendmail(['-t'], NAMED, { POSTERN_URL: `${gateway.env.POSTERN_URL}/x` })).toEqual({
      code: 78,
      said: expect.stringContaining('route.not_found'),
    })
  })

  test('what may pass is EX_TEMPFAIL', async () => {
    for (const status of [408, 409, 429, 500, 502, 503]) {
      const { code, said } = await against({ status }, ['-t'], NAMED)
      expect({ status, code }).toEqual({ status, code: 75 })
      expect(said).toContain(`scripted.${status}`)
    }
    const { url = '' } = scripted ?? {}
    await scripted?.stop()
    expect(await sendmail(['-t'], NAMED, { POSTERN_URL: url })).toEqual({
      code: 75,
      said: expect.stringContaining('the gateway cannot be reached'),
    })
  })

  test('what it cannot do ends with EX_USAGE, what it lacks with EX_CONFIG', async () => {
    expect((await sendmail(['-bs'], '')).code).toBe(64)
    expect((await sendmail(['-t', '-f'], NAMED)).code).toBe(64)
    expect((await sendmail(['-t', '-f', 'a@example.com\nPostern-To: b'], NAMED)).code).toBe(64)
    expect(await sendmail(['-t'], NAMED, { POSTERN_KEY: '' })).toEqual({
      code: 78,
      said: 'sendmail: set POSTERN_URL and POSTERN_KEY\n',
    })
  })
})
