import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { type ExampleGateway, hasPrograms, startExampleGateway } from './example-gateway.ts'
import { startScriptedGateway } from './scripted-gateway.ts'

const PLUGIN = join(ROOT, 'examples', 'wordpress', 'postern-mail.php')
const SENT = { code: 0, said: 'true wp_mail_succeeded\n' }
const PLAIN = {
  to: 'you@example.net',
  subject: 'Hello',
  message: 'It works.',
  headers: '',
  attachments: [],
}

interface Run {
  filters?: Record<string, string>
  env?: Record<string, string>
}

describe.skipIf(!hasPrograms('php'))('wp_mail() of WordPress', () => {
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

  const mail = (args: object, { filters = {}, env = {} }: Run = {}) =>
    gateway.run(
      'php',
      [
        join(ROOT, 'test', 'examples', 'wordpress.php'),
        PLUGIN,
        JSON.stringify({ ...PLAIN, ...args }),
        JSON.stringify(filters),
      ],
      { env },
    )
  const header = (content: { headers: { key: string; value: string }[] }, name: string) =>
    content.headers.find(({ key }) => key === name)?.value

  test('with HTML, copies, names, attachments and pictures', async () => {
    const file = join(dir, 'invoice.txt')
    const logo = join(dir, 'logo.gif')
    await writeFile(file, 'one item\n')
    await writeFile(logo, Buffer.from('R0lGODlhAQABAAAAACw=', 'base64'))
    const args = {
      to: 'Bo <bo@example.net>, you@example.net',
      subject: 'Hello from WordPress',
      message: '<p>It <b>works</b>.</p><img src="cid:logo">',
      headers: [
        'From: "Site, the" <site@example.com>',
        'Cc: cc@example.net',
        'Bcc: hidden@example.org',
        'Reply-To: desk@example.com',
        'Content-Type: text/html; charset=UTF-8',
        'X-Site: 7',
      ],
      attachments: { 'Rechnung.txt': file },
      embeds: { logo },
    }
    expect(await mail(args)).toEqual(SENT)
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
    const files = content.attachments.map(({ filename, contentId }) => ({ filename, contentId }))
    expect(files).toContainEqual({ filename: 'Rechnung.txt', contentId: undefined })
    expect(files).toContainEqual({ filename: 'logo.gif', contentId: '<logo>' })
    expect(header(content, 'x-site')).toBe('7')
    expect(content.bcc).toBeUndefined()
  })

  test('with headers as one text, of a list and of a thread', async () => {
    const headers = [
      'List-Unsubscribe: <https://example.com/u/1>, <mailto:leave@example.com>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'List-Id: News <news.example.com>',
      'In-Reply-To: <a@example.com>',
      'References: <b@example.com> <a@example.com>',
      'Date: Thu, 1 Jan 1970 00:00:00 +0000',
      'MIME-Version: 1.0',
      'X-Mailer: WordPress',
      'Reply-To:',
      'this is no header',
    ].join('\r\n')
    expect(await mail({ headers })).toEqual(SENT)
    const { content } = await gateway.arrival()
    expect(header(content, 'list-unsubscribe')).toBe(
      '<https://example.com/u/1>, <mailto:leave@example.com>',
    )
    expect(header(content, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    expect(header(content, 'list-id')).toBe('News <news.example.com>')
    expect(content).toMatchObject({
      inReplyTo: '<a@example.com>',
      references: '<b@example.com> <a@example.com>',
      from: { name: 'WordPress', address: 'ada@example.com' },
    })
    expect(content.date).not.toMatch(/^1970/)
  })

  test('with sender, type and charset as filters have them', async () => {
    const filters = {
      wp_mail_from: 'filtered@example.com',
      wp_mail_from_name: 'Størm',
      wp_mail_content_type: 'text/html',
    }
    const headers = 'Content-Type: text/plain; charset="windows-1252"'
    expect(await mail({ headers, message: '<b>bold</b>' }, { filters })).toEqual(SENT)
    const { content } = await gateway.arrival()
    expect(content).toMatchObject({
      from: { name: 'Størm', address: 'filtered@example.com' },
      html: expect.stringContaining('<b>bold</b>'),
    })
    // The octets of "€" in UTF-8, said to be windows-1252.
    expect(await mail({ headers, message: '€' })).toEqual(SENT)
    expect((await gateway.arrival()).content.text).toBe('â‚¬')
  })

  test('what cannot be sent is a failed wp_mail() with its reason', async () => {
    expect((await mail({ to: 'nobody' })).said).toMatch(
      /^false wp_mail_failed request\.invalid: .*\/to.* \(to nobody\)\n$/,
    )
    expect((await mail({ attachments: `${join(dir, 'missing.pdf')}\n` })).said).toBe(
      "false wp_mail_failed wp_mail_failed: The attachment missing.pdf can't be read. (to you@example.net)\n",
    )
    const headers = ['Content-Type: multipart/mixed; boundary=x']
    expect((await mail({ headers })).said).toMatch(/^false .*multipart\/mixed can't be sent/)
    expect((await mail({}, { env: { POSTERN_FROM: '' } })).said).toMatch(
      /^false .*POSTERN_FROM has to be set in wp-config\.php/,
    )
  })

  test('what may pass is tried again with the same key', async () => {
    const scripted = await startScriptedGateway([
      { status: 502, body: '<h1>no</h1>' },
      { status: 202 },
    ])
    expect(await mail({}, { env: { POSTERN_URL: scripted.url } })).toEqual(SENT)
    await scripted.stop()
    const keys = scripted.asked.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
    expect((await mail({}, { env: { POSTERN_URL: scripted.url } })).said).toBe(
      'false wp_mail_failed http_request_failed: Could not connect (to you@example.net)\n',
    )
  })
})
