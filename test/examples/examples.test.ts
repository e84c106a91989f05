import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../../local/paths.ts'
import { type ExampleGateway, isInstalled, startExampleGateway } from './example-gateway.ts'

const example = (...path: string[]) => join(ROOT, 'examples', ...path)
const ANSWER = /^msg_[0-9a-z]{26} (queued|sending|relayed)$/m

let gateway: ExampleGateway
let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-files-'))
  gateway = await startExampleGateway()
})
afterAll(async () => {
  await gateway.stop()
  await rm(dir, { recursive: true, force: true })
})

describe('node', () => {
  test('sends', async () => {
    const to = 'you@example.net'
    const { code, said } = await gateway.run(process.execPath, [
      example('node', 'send.js'),
      ...[to, 'Hello from Node', 'It works.'],
    ])
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(ANSWER) })
    const { envelope, content } = await gateway.arrival()
    expect(envelope).toMatchObject({ sender: 'ada@example.com', recipients: [to] })
    expect(content).toMatchObject({ subject: 'Hello from Node', text: 'It works.\n' })
  })

  test('says why a mail was refused, and does not try that again', async () => {
    const { code, said } = await gateway.run(process.execPath, [
      example('node', 'send.js'),
      ...['nobody', 'Hello', 'It works.'],
    ])
    expect(code).toBe(1)
    expect(said).toContain('request.invalid')
  })
})

describe.skipIf(!isInstalled('python3'))('python (skipped where python3 is missing)', () => {
  test('sends, with an attachment', async () => {
    const file = join(dir, 'größe.csv')
    await writeFile(file, 'a,b\n1,2\n')
    const { code, said } = await gateway.run('python3', [
      example('python', 'send.py'),
      ...['you@example.net', 'Hello from Python', 'It works.', file],
    ])
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(ANSWER) })
    const { content } = await gateway.arrival()
    expect(content.subject).toBe('Hello from Python')
    expect(content.attachments.map(({ filename }) => filename)).toEqual(['größe.csv'])
  })

  test('says why a mail was refused', async () => {
    const { code, said } = await gateway.run('python3', [
      example('python', 'send.py'),
      ...['nobody', 'Hello', 'It works.'],
    ])
    expect(code).toBe(1)
    expect(said).toContain('request.invalid')
  })
})

describe.skipIf(!isInstalled('php'))('php (skipped where php is missing)', () => {
  test('sends', async () => {
    const { code, said } = await gateway.run('php', [
      example('php', 'send.php'),
      ...['you@example.net', 'Hello from PHP', 'It works.'],
    ])
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(ANSWER) })
    expect((await gateway.arrival()).content.subject).toBe('Hello from PHP')
  })

  test('says why a mail was refused', async () => {
    const { code, said } = await gateway.run('php', [
      example('php', 'send.php'),
      ...['nobody', 'Hello', 'It works.'],
    ])
    expect(code).toBe(1)
    expect(said).toContain('request.invalid')
  })

  test('WordPress: wp_mail() with HTML, copies, names and an attachment', async () => {
    const file = join(dir, 'invoice.txt')
    await writeFile(file, 'one item\n')
    const mail = {
      to: 'Bo <bo@example.net>, you@example.net',
      subject: 'Hello from WordPress',
      message: '<p>It <b>works</b>.</p>',
      headers: [
        'From: "Site, the" <site@example.com>',
        'Cc: cc@example.net',
        'Bcc: hidden@example.org',
        'Reply-To: desk@example.com',
        'Content-Type: text/html; charset=UTF-8',
        'X-Site: 7',
      ],
      attachments: [file],
    }
    const { code, said } = await gateway.run('php', [
      join(ROOT, 'test', 'examples', 'wordpress.php'),
      example('wordpress', 'postern-mail.php'),
      JSON.stringify(mail),
    ])
    expect({ code, said }).toEqual({ code: 0, said: 'true wp_mail_succeeded\n' })
    const { envelope, content } = await gateway.arrival()
    expect([...envelope.recipients].sort()).toEqual([
      'bo@example.net',
      'cc@example.net',
      'hidden@example.org',
      'you@example.net',
    ])
    expect(content).toMatchObject({
      subject: 'Hello from WordPress',
      from: { name: 'Site, the', address: 'site@example.com' },
      replyTo: [{ address: 'desk@example.com' }],
      html: expect.stringContaining('<b>works</b>'),
    })
    expect(content.attachments.map(({ filename }) => filename)).toEqual(['invoice.txt'])
    expect(content.headers.find(({ key }) => key === 'x-site')?.value).toBe('7')
    expect(content.bcc).toBeUndefined()
  })

  test('WordPress: a refused mail is a failed wp_mail()', async () => {
    const mail = { to: 'nobody', subject: 'x', message: 'x', headers: '', attachments: [] }
    const { said } = await gateway.run('php', [
      join(ROOT, 'test', 'examples', 'wordpress.php'),
      example('wordpress', 'postern-mail.php'),
      JSON.stringify(mail),
    ])
    expect(said).toBe('false wp_mail_failed request.invalid\n')
  })
})

const hasShell = isInstalled('curl') && process.platform !== 'win32'

describe.skipIf(!hasShell)('shell (skipped where sh or curl is missing)', () => {
  const MAIL = 'From: Ada <ada@example.com>\nTo: you@example.net\nBcc: hidden@example.org\n'

  test('sendmail with recipients and sender as arguments', async () => {
    const input = `${MAIL}Subject: Hello from sendmail\n\nIt works.\n`
    const { code, said } = await gateway.run(
      example('sendmail'),
      ['-oi', '-f', 'bounces@example.com', 'bo@example.net', 'cy@example.net'],
      { input },
    )
    expect({ code, said }).toEqual({ code: 0, said: '' })
    const { envelope, content } = await gateway.arrival()
    expect(envelope).toMatchObject({
      sender: 'bounces@example.com',
      recipients: ['bo@example.net', 'cy@example.net'],
    })
    expect(content.subject).toBe('Hello from sendmail')
  })

  test('sendmail -t takes the recipients from the header, Bcc too', async () => {
    const input = `${MAIL}Subject: Hello -t\n\nIt works.\n`
    expect(await gateway.run(example('sendmail'), ['-t', '-i'], { input })).toEqual({
      code: 0,
      said: '',
    })
    const { envelope, content } = await gateway.arrival()
    expect([...envelope.recipients].sort()).toEqual(['hidden@example.org', 'you@example.net'])
    expect(content.bcc).toBeUndefined()
  })

  test('sendmail ends with EX_TEMPFAIL and the reason', async () => {
    const { code, said } = await gateway.run(example('sendmail'), ['bo@example.net'], {
      input: MAIL,
      env: { POSTERN_KEY: 'pst_wrong' },
    })
    expect(code).toBe(75)
    expect(said).toContain('auth.invalid')
    expect(said).not.toContain('pst_wrong')
  })

  test('the GitHub Action step sends', async () => {
    const workflow = parse(await readFile(example('github-actions', 'mail-on-failure.yml'), 'utf8'))
    const { steps } = workflow.jobs.nightly
    const step = steps.find((one: { env?: object }) => one.env)
    expect(step.if).toBe('failure()')
    const { code, said } = await gateway.run('sh', ['-ec', step.run], {
      env: {
        FROM: step.env.FROM,
        TO: 'team+ci@example.net',
        RUN: 'https://ci.example.com/42',
        KEY: '42-1',
      },
    })
    expect({ code, said }).toMatchObject({ code: 0 })
    const { envelope, content } = await gateway.arrival()
    expect(envelope.recipients).toEqual(['team+ci@example.net'])
    expect(content.text).toContain('https://ci.example.com/42')
  })
})
