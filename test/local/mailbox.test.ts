import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepCertificate } from '../../local/mailbox/certificate.ts'
import { startMailbox } from '../../local/mailbox/mailbox.ts'
import { type MailboxPage, startPage } from '../../local/mailbox/page.ts'
import { type LocalRelay, startRelay } from '../../local/mailbox/relay.ts'
import { type MailStore, openStore } from '../../local/mailbox/store.ts'
import { listen } from '../support/listen.ts'

const CREDENTIAL = { user: 'postern', password: 'mailbox-secret' }
const PIXEL = 'R0lGODlhAQABAAAAACw='

let dir = ''
let store: MailStore
let relay: LocalRelay
let page: MailboxPage
let ca = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-mailbox-'))
  store = await openStore(join(dir, 'mail'))
  const certificate = await keepCertificate(join(dir, 'tls'))
  ca = certificate.cert
  relay = await startRelay(
    [
      { port: 0, tls: 'implicit' },
      { port: 0, tls: 'starttls' },
    ],
    CREDENTIAL,
    certificate,
    store,
  )
  page = await startPage(0, store)
  await send(0)
})

afterAll(async () => {
  await page.stop()
  await relay.stop()
  await rm(dir, { recursive: true, force: true })
})

function client(listener: 0 | 1, password = CREDENTIAL.password, secure = listener === 0) {
  return createTransport({
    host: 'localhost',
    port: relay.ports[listener] ?? 0,
    secure,
    requireTLS: true,
    auth: { user: CREDENTIAL.user, pass: password },
    tls: { ca },
  })
}

const send = (listener: 0 | 1, password?: string) =>
  client(listener, password).sendMail({
    from: 'Ada <ada@example.com>',
    to: 'you@example.net',
    bcc: 'hidden@example.org',
    subject: '<script>alert(1)</script> & ünïcode',
    text: 'Plain <b>text</b>',
    html: '<p onclick="x()">Rich</p><script>alert(1)</script><img src="cid:dot@example.com">',
    attachments: [
      { filename: 'Größe "1".html', content: '<script>alert(2)</script>' },
      { filename: 'dot.gif', cid: 'dot@example.com', content: Buffer.from(PIXEL, 'base64') },
    ],
  })

/** fetch won't send another Host. */
function get(path: string, host: string, method = 'GET') {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: page.port, path, method, headers: { host } },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      },
    )
    asked.once('error', reject).end()
  })
}

async function read(path: string) {
  const response = await fetch(page.url + path)
  return { status: response.status, headers: response.headers, body: await response.text() }
}

const newest = () => store.list()[0]?.id ?? ''

describe('the relay', () => {
  test('takes mail over implicit TLS and STARTTLS and names it in its reply', async () => {
    const sent = await send(1)
    expect(sent.response).toContain(`queued as ${newest()}`)
    expect(store.get(newest())).toMatchObject({
      sender: 'ada@example.com',
      recipients: ['you@example.net', 'hidden@example.org'],
      route: `${relay.ports[1]}/starttls`,
    })
  })

  test('refuses a wrong password', async () => {
    await expect(send(0, 'wrong')).rejects.toMatchObject({ responseCode: 535 })
  })

  test('takes no login before TLS', async () => {
    const plain = createTransport({
      host: 'localhost',
      port: relay.ports[1] ?? 0,
      ignoreTLS: true,
      auth: { user: CREDENTIAL.user, pass: CREDENTIAL.password },
    })
    await expect(plain.verify()).rejects.toMatchObject({ responseCode: 538 })
  })
})

describe('the page', () => {
  test('lists what arrived, with everything escaped', async () => {
    const { body, headers } = await read('/')
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; ünïcode')
    expect(body).not.toContain('<script')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('shows a mail without its markup', async () => {
    const { body, headers } = await read(`/mail/${newest()}`)
    expect(body).toContain('Plain &lt;b&gt;text&lt;/b&gt;')
    expect(body).not.toContain('<script')
    expect(body).toMatch(
      /<iframe src="\/mail\/\w+\/html" sandbox="allow-popups allow-popups-to-escape-sandbox" title=/,
    )
    expect(headers.get('content-security-policy')).not.toContain('script-src')
  })

  test('gives HTML as a response that can do nothing', async () => {
    const { body, headers } = await read(`/mail/${newest()}/html`)
    expect(headers.get('content-security-policy')).toBe(
      "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(body).toContain(`<img src="data:image/gif;base64,${PIXEL}">`)
  })

  test('gives the source as text', async () => {
    const { body, headers } = await read(`/mail/${newest()}/source`)
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(body).toMatch(/^From: Ada <ada@example.com>\r$/m)
  })

  test('gives attachments as downloads, whatever they are', async () => {
    const { body, headers } = await read(`/mail/${newest()}/attachments/1`)
    expect(body).toBe('<script>alert(2)</script>')
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="Gr__e _1_.html"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.html`,
    )
    expect((await read(`/mail/${newest()}/attachments/9`)).status).toBe(404)
  })

  test('reads to a person: names decoded, hidden recipients told apart, nothing turned around', async () => {
    await client(0).sendMail({
      from: '"Jürgen Größe" <ada@example.com>',
      to: '"Bøb, Ünïcode" <bob@example.net>, Team: zoe@example.net;',
      replyTo: '"Hilfe & Rat" <help@example.com>',
      bcc: 'hidden@example.org',
      subject: ' ',
      attachments: [{ filename: '\u202egnp.exe', content: 'x' }],
    })
    const { body } = await read(`/mail/${newest()}`)
    expect(body).not.toContain('=?')
    expect(body).toContain('<bdi>Jürgen Größe &lt;ada@example.com&gt;</bdi>')
    expect(body).toContain('Bøb, Ünïcode &lt;bob@example.net&gt;, Team: zoe@example.net;')
    expect(body).toContain('Hilfe &amp; Rat &lt;help@example.com&gt;')
    expect(body).toContain('<dt>Only in the envelope</dt><dd><bdi>hidden@example.org</bdi>')
    expect(body).toContain('<h1 dir="auto">(no subject)</h1>')
    expect(body).toContain('This mail has no text.')
    expect(body).toContain('<bdi>\ufffdgnp.exe</bdi>')
    const { headers } = await read(`/mail/${newest()}/attachments/0`)
    expect(headers.get('content-disposition')).toContain("filename*=UTF-8''%EF%BF%BDgnp.exe")
  })

  test('tells of many recipients in a line', async () => {
    const to = Array.from({ length: 60 }, (_, i) => `p${i}@example.net`)
    await client(0).sendMail({ from: 'ada@example.com', to, subject: 'Many', text: 'x' })
    const { body } = await read('/')
    expect(body).toContain('<bdi>p0@example.net, p1@example.net, p2@example.net and 57 more</bdi>')
    expect((await read(`/mail/${newest()}`)).body).toContain('p59@example.net')
  })

  test.each([
    [
      'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
      'Encrypted, PGP/MIME',
      'gpg --decrypt',
    ],
    [
      'application/pkcs7-mime; smime-type=enveloped-data',
      'Encrypted, S/MIME',
      'openssl cms -decrypt -in',
    ],
    [
      'multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
      'Signed, S/MIME',
      'openssl cms -verify -in',
    ],
    ['multipart/signed; protocol="application/pgp-signature"; boundary=b', 'Signed, PGP/MIME', ''],
  ])('tells how %s is read', async (type, label, command) => {
    await client(0).sendMail({
      envelope: { from: 'ada@example.com', to: 'you@example.net' },
      raw: `From: ada@example.com\r\nSubject: [...]\r\nContent-Type: ${type}\r\n\r\n--b\r\n\r\nMIIB\r\n--b--\r\n`,
    })
    const id = newest()
    const { body } = await read(`/mail/${id}`)
    expect(body).toContain(`<dt>Protection</dt><dd><bdi>${label}</bdi></dd>`)
    expect(body).toContain(command && `<pre>${command} ${id}.eml`)
    expect(body).toContain(`href="/mail/${id}/source" download="${id}.eml"`)
    expect(body).not.toContain('This mail has no text')
    expect((await read('/')).body).toContain(` · ${label}`)
  })

  test('answers only to the names of this machine', async () => {
    expect((await get('/', `localhost:${page.port}`)).status).toBe(200)
    expect((await get('/', '127.0.0.1')).status).toBe(200)
    for (const host of ['evil.example', `evil.example:${page.port}`, 'localhost.evil.example']) {
      const { status, body } = await get('/', host)
      expect(status, host).toBe(421)
      expect(body).not.toContain('ünïcode')
    }
    expect((await get('/', 'localhost', 'POST')).status).toBe(405)
  })

  test('finds nothing outside the store', async () => {
    for (const path of [
      '/mail/..%2f..%2fsecrets',
      '/mail/../tls/key.pem',
      '/mail/unknown/source',
    ]) {
      expect((await get(path, 'localhost')).status, path).toBe(404)
    }
  })
})

test('a second start finds the old mail and keeps the certificate', async () => {
  const again = await openStore(join(dir, 'mail'))
  expect(again.list()).toEqual(store.list())
  expect((await keepCertificate(join(dir, 'tls'))).cert).toBe(ca)
  const inDays = (days: number) => keepCertificate(join(dir, 'tls'), Date.now() + days * 86_400_000)
  expect((await inDays(360)).cert).toBe(ca)
  expect((await inDays(370)).cert).not.toBe(ca)
})

test('a port that should be shut, or is needed, and taken is named', async () => {
  const squatter = createServer()
  const port = await listen(squatter)
  const options = { dir: join(dir, 'other'), credential: CREDENTIAL }
  await expect(startMailbox({ ...options, pagePort: 0, relayPorts: [port, 0, 0] })).rejects.toThrow(
    `Port ${port} for the relay's shut port is taken by another program. Choose others: npm start -- --relay-ports`,
  )
  await expect(startMailbox({ ...options, pagePort: port, relayPorts: [0, 0, 0] })).rejects.toThrow(
    /--mailbox-port/,
  )
  squatter.close()
})
