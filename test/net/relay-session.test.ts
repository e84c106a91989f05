import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { Arrivals } from '../support/eventually.ts'
import {
  close,
  EXTENSIONS,
  replyAfter,
  type Script,
  type ScriptedRelay,
  type ScriptedRelayOptions,
  silence,
  startScriptedRelay,
  write,
} from '../support/scripted-relay.ts'
import { Budget, certificates, openSession, PATIENT, transaction } from './open.ts'

let relay: ScriptedRelay | undefined

async function start(script: Script = {}, odd: Partial<ScriptedRelayOptions> = {}) {
  relay = await startScriptedRelay({
    mode: 'implicit',
    certificate: certificates.good,
    script,
    ...odd,
  })
  return relay
}

afterEach(async () => {
  expect(relay?.violations()).toEqual([])
  await relay?.close()
})

it.each(['starttls', 'implicit'] as const)('carries mail over %s and says QUIT', async (mode) => {
  const { messages, ...peer } = await start({}, { mode })
  const budget = new Budget()
  const session = await openSession(
    { port: relay?.port ?? 0 },
    { routes: [{ port: relay?.port ?? 0, tls: mode }], takeSocket: budget.take },
  )
  expect(session).toMatchObject({ usable: true, transactions: 0, authMechanism: 'PLAIN' })
  for (const text of ['.one\r\n', 'two\r\n..\r\n']) {
    const result = await session.send(transaction(text))
    expect(result.failure).toBeUndefined()
    expect(result).toMatchObject({ dotSent: true, octets: text.length, end: { code: 250 } })
    expect((await messages.next()).octets.toString()).toBe(text)
  }
  await session.close()
  expect(session.usable).toBe(false)
  await budget.emptied()
  expect(peer.commands('QUIT')).toHaveLength(1)
  expect(relay?.connections.all).toHaveLength(1)
})

it('the envelope of a mail behind another one rides with the last octets of that one', async () => {
  const { connections, messages } = await start()
  const session = await openSession(relay as ScriptedRelay)
  const { channel } = await connections.next()
  const before = channel.secure.length
  const first = session.send(transaction('one\r\n'))
  expect(session.takesAhead).toBe(true)
  const second = session.send(transaction('two\r\n', { recipients: ['c@example.net'] }))
  expect(session.takesAhead).toBe(false)
  expect(await first).toMatchObject({ dotSent: true, end: { code: 250 } })
  expect(await second).toMatchObject({ dotSent: true, end: { code: 250 } })
  expect((await messages.next()).recipients).toEqual(['b@example.net'])
  expect((await messages.next()).recipients).toEqual(['c@example.net'])
  const writes = channel.secure.slice(before).map(String)
  expect(writes).toHaveLength(3)
  expect(writes[1]).toMatch(/^one\r\n\.\r\nRSET\r\nMAIL .*RCPT TO:<c@example.net>\r\nDATA\r\n$/s)
  expect(session).toMatchObject({ usable: true, transactions: 2 })
  await session.close()
})

it('a small message goes in one flight where the relay takes chunks, two of them where that is allowed', async () => {
  const { connections, messages } = await start({}, { extensions: ['PIPELINING', 'CHUNKING'] })
  const session = await openSession(relay as ScriptedRelay, { depth: 2 })
  const { channel } = await connections.next()
  const before = channel.secure.length
  const sent = ['.one\r\n', 'two\r\n'].map((text) => session.send(transaction(text)))
  for (const result of await Promise.all(sent)) {
    expect(result).toMatchObject({ dotSent: true, end: { code: 250 } })
  }
  expect((await messages.next()).octets.toString()).toBe('.one\r\n')
  expect((await messages.next()).octets.toString()).toBe('two\r\n')
  const writes = channel.secure.slice(before).map(String)
  expect(writes).toHaveLength(2)
  expect(writes[0]).toMatch(/^MAIL .*BDAT 6 LAST\r\n\.one\r\n$/s)
  await session.close()
})

it('a flight is one write, and so is a small message with its end', async () => {
  const { connections } = await start()
  const session = await openSession(relay as ScriptedRelay)
  const { channel } = await connections.next()
  const before = channel.secure.length
  await session.send(transaction([Buffer.from('Subject: a\r\n\r\n'), Buffer.from('.b\r\n')]))
  expect(channel.secure.slice(before).map(String)).toEqual([
    'MAIL FROM:<a@example.com> SIZE=18\r\nRCPT TO:<b@example.net>\r\nDATA\r\n',
    'Subject: a\r\n\r\n..b\r\n.\r\n',
  ])
})

describe.each([
  ['DATA', false],
  ['one flight', true],
])('with %s', (_how, oneFlight) => {
  const offers = { extensions: [...EXTENSIONS, 'CHUNKING'] }

  it('the last octets leave when it is on disk that they do', async () => {
    const { received } = await start({}, offers)
    const session = await openSession(relay as ScriptedRelay)
    const order: string[] = []
    const dot = received.next().then(() => order.push('received'))
    const result = await session.send(
      transaction(undefined, {
        oneFlight,
        onLastOctets: () => order.push('asked') > 0,
        // A slow disk.
        onDisk: () =>
          new Promise((resolve) => setTimeout(() => resolve(void order.push('on disk')), 50)),
      }),
    )
    await dot
    expect(result.end?.code).toBe(250)
    expect(order).toEqual(['asked', 'on disk', 'received'])
  })

  it('they never leave where the disk fails', async () => {
    const { connections, received } = await start({}, offers)
    const session = await openSession(relay as ScriptedRelay, { onFault: () => {} })
    const result = await session.send(
      transaction(undefined, {
        oneFlight,
        onDisk: () => Promise.reject(new Error('storage is gone')),
      }),
    )
    expect(result.end).toBeUndefined()
    await session.close()
    await (await connections.next()).closed
    expect(received.all).toEqual([])
  })
})

it('a canceled message is cut off before its end', async () => {
  const { connections, received } = await start()
  const budget = new Budget()
  const session = await openSession(relay as ScriptedRelay, { takeSocket: budget.take })
  const result = await session.send(transaction(undefined, { onLastOctets: () => false }))
  expect(result).toMatchObject({ dotSent: false, failure: { step: 'body', cause: 'aborted' } })
  expect(session.usable).toBe(false)
  await (await connections.next()).closed
  await budget.emptied()
  expect(received.all).toEqual([])
  expect(relay?.allOctets().includes('\r\n.\r\n')).toBe(false)
})

it('content that cannot be read is cut off too, and the cause is told', async () => {
  const { connections, received } = await start()
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const session = await openSession(relay as ScriptedRelay, { onFault })
  const asked: string[] = []
  const result = await session.send(
    transaction(undefined, {
      *content() {
        yield Buffer.from('half\r\n')
        throw new Error('storage is gone')
      },
      onLastOctets: () => asked.push('asked') > 0,
    }),
  )
  expect(result).toMatchObject({
    dotSent: false,
    failure: { step: 'body', cause: 'aborted', detail: 'content' },
  })
  await (await connections.next()).closed
  expect([...asked, ...received.all]).toEqual([])
  expect(faults).toEqual([new Error('storage is gone')])
})

it('permission that throws is none, and the cause is told', async () => {
  const { connections, received } = await start()
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const session = await openSession(relay as ScriptedRelay, { onFault })
  const result = await session.send(
    transaction(undefined, {
      onLastOctets: () => {
        throw new Error('storage is gone')
      },
    }),
  )
  expect(result).toMatchObject({ dotSent: false, failure: { cause: 'aborted' } })
  await (await connections.next()).closed
  expect(received.all).toEqual([])
  expect(faults).toEqual([new Error('storage is gone')])
})

it('a large message goes out whole, with back-pressure', async () => {
  const { messages } = await start({}, { extensions: ['PIPELINING', 'SIZE 99999999'] })
  const session = await openSession(relay as ScriptedRelay)
  const line = `${'.'.repeat(60)}\r\n`
  const chunk = Buffer.from(line.repeat(4000))
  const chunks = [...Array(5)].map(() => chunk)
  const result = await session.send(transaction(chunks))
  expect(result).toMatchObject({ end: { code: 250 }, octets: chunk.length * 5 })
  expect((await messages.next()).octets.equals(Buffer.concat(chunks))).toBe(true)
})

it('a refusal while content goes out stops it', async () => {
  const { connections } = await start({ body: '554 5.6.0 no' }, { extensions: ['PIPELINING'] })
  const session = await openSession(relay as ScriptedRelay)
  const chunk = Buffer.from('x\r\n'.repeat(30_000))
  const pulled = { count: 0 }
  const result = await session.send(
    transaction([chunk], {
      *content() {
        for (let i = 0; i < 1000; i++) {
          pulled.count++
          yield chunk
        }
      },
    }),
  )
  expect(result).toMatchObject({
    dotSent: false,
    failure: { step: 'body', cause: 'reply', reply: { code: 554 } },
  })
  await (await connections.next()).closed
  expect(pulled.count).toBeLessThan(1000)
})

it('a peer that takes no content meets the deadline', async () => {
  const server = createServer({ ...certificates.good, noDelay: true }, (socket) => {
    socket.on('error', () => {})
    socket.write('220 relay.example.com\r\n')
    socket.on('data', (chunk) => {
      const line = String(chunk)
      if (line.startsWith('MAIL')) {
        socket.write('250 ok\r\n250 ok\r\n354 go\r\n')
        socket.pause()
      } else
        socket.write(
          line.startsWith('EHLO') ? '250-x\r\n250-AUTH PLAIN\r\n250 PIPELINING\r\n' : '235 ok\r\n',
        )
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const budget = new Budget()
  const session = await openSession(server.address() as AddressInfo, {
    deadlines: { ...PATIENT, body: 300 },
    takeSocket: budget.take,
  })
  const chunk = Buffer.from('x\r\n'.repeat(300_000))
  const result = await session.send(
    transaction([chunk], {
      *content() {
        for (;;) yield chunk
      },
    }),
  )
  expect(result).toMatchObject({ dotSent: false, failure: { step: 'body', cause: 'timeout' } })
  await budget.emptied()
  server.close()
})

it('no answer to the end of data: sent, and nothing known', async () => {
  await start({ dot: silence })
  const budget = new Budget()
  const session = await openSession(relay as ScriptedRelay, {
    deadlines: { ...PATIENT, data_end: 200 },
    takeSocket: budget.take,
  })
  const result = await session.send(transaction())
  expect(result.end).toBeUndefined()
  expect(result).toMatchObject({ dotSent: true, failure: { step: 'data_end', cause: 'timeout' } })
  expect(session.usable).toBe(false)
  await budget.emptied()
})

it.each([
  ['closed', close],
  ['half a reply', write('250 2.0.0 que', 'close')],
])('%s after the end of data', async (_, dot) => {
  await start({ dot })
  const session = await openSession(relay as ScriptedRelay)
  const result = await session.send(transaction())
  expect(result.end).toBeUndefined()
  expect(result).toMatchObject({ dotSent: true, failure: { step: 'data_end', cause: 'closed' } })
})

it('everybody refused, yet 354: a lone dot, and the session lives on', async () => {
  const { received } = await start({
    RCPT: ({ total }) => (total === 1 ? '550 5.1.1 unknown' : undefined),
    DATA: ({ total }) => (total === 1 ? '354 go on' : undefined),
  })
  const session = await openSession(relay as ScriptedRelay)
  const refused = await session.send(transaction())
  expect(refused).toMatchObject({ dotSent: false, recipients: [{ reply: { code: 550 } }] })
  expect(refused.failure).toBeUndefined()
  expect((await received.next()).octets.length).toBe(0)
  const result = await session.send(transaction('two\r\n'))
  expect(result.end?.code).toBe(250)
  expect((await received.next()).octets.toString()).toBe('two\r\n')
})

it('mixed recipients: it goes to the accepted ones', async () => {
  const { messages } = await start({
    RCPT: ({ line }) =>
      line.includes('c@') ? '550 5.1.1 no' : line.includes('d@') ? '452 4.5.3 too many' : undefined,
  })
  const session = await openSession(relay as ScriptedRelay)
  const recipients = ['b@example.net', 'c@example.net', 'd@example.net']
  const result = await session.send(transaction(undefined, { recipients }))
  expect(result.recipients.map(({ reply }) => reply?.code)).toEqual([250, 550, 452])
  expect(result.tooMany).toEqual(['d@example.net'])
  expect(result.end?.code).toBe(250)
  expect((await messages.next()).recipients).toEqual(['b@example.net'])
})

it('a session that the relay closed while idle says so before any mail', async () => {
  const { connections } = await start()
  const session = await openSession(relay as ScriptedRelay)
  await session.send(transaction())
  const peer = await connections.next()
  peer.end()
  await peer.closed
  const result = await session.send(transaction())
  expect(result).toMatchObject({ dotSent: false, failure: { reused_first: true } })
  expect(session.usable).toBe(false)
})

it('a session that is closed in use tells of it by itself', async () => {
  const quit = new Arrivals<void>('silence')
  await start({
    MAIL: () => {
      quit.push()
      return silence
    },
  })
  const session = await openSession(relay as ScriptedRelay)
  const sending = session.send(transaction())
  await quit.next()
  await session.close()
  expect(await sending).toMatchObject({
    dotSent: false,
    failure: { step: 'mail', cause: 'aborted' },
  })
})

it('a QUIT that nobody answers is not waited for long', async () => {
  await start({ QUIT: replyAfter(new Promise(() => {}), '221 bye') })
  const budget = new Budget()
  const session = await openSession(relay as ScriptedRelay, { takeSocket: budget.take })
  await session.close()
  await budget.emptied()
})
