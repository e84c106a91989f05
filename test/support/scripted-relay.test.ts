/** The scripted relay against a client that is not ours: nodemailer. */

import nodemailer from 'nodemailer'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificates, type TestCertificates } from './certificates.ts'
import {
  ACCOUNT,
  close,
  type ScriptedRelay,
  type ScriptedRelayOptions,
  silence,
  startScriptedRelay,
  write,
} from './scripted-relay.ts'
import { contentFault, DataReader } from './scripted-relay-data.ts'

let certificates: TestCertificates
let relay: ScriptedRelay | undefined

beforeAll(async () => {
  certificates = await makeCertificates()
})

afterEach(async () => {
  await relay?.close()
})

async function start(options: Partial<ScriptedRelayOptions> = {}): Promise<ScriptedRelay> {
  relay = await startScriptedRelay({
    mode: 'starttls',
    certificate: certificates.good,
    ...options,
  })
  return relay
}

async function sendTo({ port }: ScriptedRelay, raw: string, secure = false): Promise<unknown> {
  const transport = nodemailer.createTransport({
    host: 'localhost',
    port,
    secure,
    requireTLS: !secure,
    auth: { user: ACCOUNT.user, pass: ACCOUNT.password },
    tls: { ca: certificates.ca },
    connectionTimeout: 500,
    greetingTimeout: 500,
    socketTimeout: 500,
  })
  const envelope = { from: 'a@example.com', to: ['b@example.net'] }
  return await transport.sendMail({ envelope, raw }).finally(() => transport.close())
}

const MAIL = 'Subject: dots\r\n\r\n.one\r\n..two\r\nend\r\n'

describe('a scripted relay', () => {
  test('takes a mail over STARTTLS, unstuffs it and keeps clear and secure octets apart', async () => {
    const relay = await start()
    await sendTo(relay, MAIL)
    const message = await relay.messages.next()
    expect(message).toMatchObject({
      sender: 'a@example.com',
      recipients: ['b@example.net'],
      secure: true,
      user: ACCOUNT.user,
      mechanism: 'PLAIN',
    })
    expect(message.octets.toString()).toBe(MAIL)
    expect(relay.clearOctets().toString()).toMatch(/^EHLO .*\r\nSTARTTLS\r\n$/)
    expect(relay.allOctets().toString()).toContain('AUTH PLAIN')
    expect(relay.violations()).toEqual([])
  })

  test('takes a mail over implicit TLS and sees nothing in clear', async () => {
    const relay = await start({ mode: 'implicit' })
    await sendTo(relay, MAIL, true)
    expect((await relay.messages.next()).secure).toBe(true)
    expect(relay.clearOctets()).toHaveLength(0)
  })

  test('refuses a wrong password and hears AUTH LOGIN too', async () => {
    const relay = await start({ accounts: { [ACCOUNT.user]: 'another' } })
    await expect(sendTo(relay, MAIL)).rejects.toMatchObject({ responseCode: 535 })
    relay.accounts = { [ACCOUNT.user]: ACCOUNT.password }
    relay.script = {
      EHLO: ({ session }) => (session.channel.isSecure ? '250-x\n250 AUTH LOGIN' : undefined),
    }
    await sendTo(relay, MAIL)
    expect((await relay.messages.next()).mechanism).toBe('LOGIN')
  })

  test('does what its script says, for the time that it says', async () => {
    const relay = await start()
    relay.script = { RCPT: ({ total }) => (total === 1 ? '550 5.1.1 no such user' : undefined) }
    await expect(sendTo(relay, MAIL)).rejects.toMatchObject({ responseCode: 550 })
    await sendTo(relay, MAIL)
    relay.script = { dot: close }
    await expect(sendTo(relay, MAIL)).rejects.toThrow()
    expect(relay.received.all).toHaveLength(2)
    expect(relay.messages.all).toHaveLength(1)
    relay.script = { greeting: silence }
    await expect(sendTo(relay, MAIL)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    relay.script = { TLS: write('not a handshake', 'close') }
    await expect(sendTo(relay, MAIL)).rejects.toThrow()
  })

  test('is refused by a client that checks, unless its certificate is good', async () => {
    for (const certificate of [
      certificates.wrongName,
      certificates.expired,
      certificates.selfSigned,
    ]) {
      const relay = await start({ certificate })
      await expect(sendTo(relay, MAIL)).rejects.toThrow(/certificate/)
      expect(relay.allOctets().toString()).not.toContain('AUTH')
      await relay.close()
    }
  })

  test('refuses content that is not what RFC 5321 allows', () => {
    expect(contentFault(Buffer.from('a\r\nb\r\n'), false)).toBeUndefined()
    expect(contentFault(Buffer.from('ä\r\n'), true)).toBeUndefined()
    for (const bad of ['a\nb', 'a\rb', '\r\r\n', 'a\0b', 'ä', 'x'.repeat(999)])
      expect(contentFault(Buffer.from(`${bad}\r\n`), false)).toMatch(/^554 /)
  })

  test('finds the end of content wherever it is cut', () => {
    const wire = Buffer.from('..one\r\n.\r\nNOOP\r\n')
    for (let at = 0; at <= wire.length; at++) {
      const reader = new DataReader()
      const first = reader.push(wire.subarray(0, at))
      const rest = first
        ? Buffer.concat([first, wire.subarray(at)])
        : reader.push(wire.subarray(at))
      expect(rest?.toString()).toBe('NOOP\r\n')
      expect(reader.content().toString()).toBe('.one\r\n')
    }
  })
})
