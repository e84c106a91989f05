import { afterEach, describe, expect, it } from 'vitest'
import type { Route, TlsMode } from '../../src/domain/route.ts'
import { startBlackHole, unusedPort } from '../support/black-hole.ts'
import {
  close,
  drip,
  endless,
  replyAfter,
  type Script,
  type ScriptedRelay,
  silence,
  startScriptedRelay,
  write,
} from '../support/scripted-relay.ts'
import { Budget, certificates, climb, PATIENT } from './open.ts'

const running: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
})

async function start(
  mode: TlsMode | 'clear',
  script: Script = {},
  certificate = certificates.good,
): Promise<ScriptedRelay> {
  const relay = await startScriptedRelay({ mode, certificate, script })
  running.push(relay)
  return relay
}

const route = ({ port }: { port: number }, tls: TlsMode): Route => ({ port, tls })

describe('the ladder', () => {
  it('takes the first route that works and leaves the others alone', async () => {
    const [first, second] = [await start('starttls'), await start('implicit')]
    const { session, others } = await climb({
      routes: [route(first, 'starttls'), route(second, 'implicit')],
    })
    expect(session?.route).toEqual(route(first, 'starttls'))
    expect(others).toEqual([])
    expect(session?.authMechanisms).toEqual(['PLAIN', 'LOGIN'])
    expect(session?.extensions).toContain('PIPELINING')
    await session?.close()
    expect(second.connections.all).toEqual([])
    expect(first.commands('AUTH')).toEqual([])
  })

  it('goes on at once where a route fails', async () => {
    const dead = await unusedPort()
    const relay = await start('implicit')
    const { session, others } = await climb({
      routes: [{ port: dead, tls: 'starttls' }, route(relay, 'implicit')],
      stagger: { connect: 60_000, greeting: 60_000 },
    })
    expect(session?.route.port).toBe(relay.port)
    expect(others).toMatchObject([
      {
        route: { port: dead },
        failure: { step: 'connect', cause: 'connect_failed' },
        record: { warm: false, tls: { mode: 'starttls', proven: false } },
      },
    ])
    await session?.close()
  })

  it('gives a route that does not connect company, not time', async () => {
    const hole = await startBlackHole()
    running.push(hole)
    const relay = await start('implicit')
    const budget = new Budget()
    const { session, others } = await climb({
      routes: [route(hole, 'starttls'), route(relay, 'implicit')],
      stagger: { connect: 50, greeting: 60_000 },
      takeSocket: budget.take,
    })
    expect(session?.route.port).toBe(relay.port)
    expect(others).toMatchObject([
      { route: { port: hole.port }, record: { outcome: 'superseded' } },
    ])
    expect(others[0]?.failure).toBeUndefined()
    expect(others[0]?.record.rule).toBeUndefined()
    await session?.close()
  })

  it('gives one that connects and does not greet company too', async () => {
    const silent = await start('starttls', { greeting: silence })
    const relay = await start('implicit')
    const budget = new Budget()
    const { session, others } = await climb({
      routes: [route(silent, 'starttls'), route(relay, 'implicit')],
      stagger: { connect: 60_000, greeting: 50 },
      takeSocket: budget.take,
    })
    expect(session?.route.port).toBe(relay.port)
    expect(others).toMatchObject([
      { record: { outcome: 'superseded', steps: [{ step: 'connect' }] } },
    ])
    await session?.close()
    await budget.emptied()
    expect(silent.clearOctets().length).toBe(0)
  })

  it('a loser that had greeted hears QUIT', async () => {
    const [others, ehlo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow = await start('starttls', {
      greeting: replyAfter(others.promise, '220 slow.example.com ESMTP'),
      EHLO: () => {
        ehlo.resolve()
        return silence
      },
    })
    const dead = await unusedPort()
    const relay = await start('implicit', {
      greeting: () => {
        others.resolve()
        return replyAfter(ehlo.promise, '220 relay.example.com ESMTP')
      },
    })
    const budget = new Budget()
    const { session } = await climb({
      routes: [route(slow, 'starttls'), { port: dead, tls: 'implicit' }, route(relay, 'implicit')],
      stagger: { connect: 0, greeting: 0 },
      takeSocket: budget.take,
    })
    expect(session?.route.port).toBe(relay.port)
    await session?.close()
    await budget.emptied()
    expect(slow.allOctets().toString()).toBe('EHLO gw.example.com\r\nQUIT\r\n')
  })

  it('a slow first route that proves itself first still wins', async () => {
    const silent = await start('implicit', { greeting: silence })
    const relay = await start('starttls')
    const { session, others } = await climb({
      routes: [route(relay, 'starttls'), route(silent, 'implicit')],
      stagger: { connect: 0, greeting: 0 },
    })
    expect(session?.route.port).toBe(relay.port)
    expect(others.every(({ record }) => record.outcome === 'superseded')).toBe(true)
    await session?.close()
  })

  it('tells of every route where none works', async () => {
    const [closing, talker] = [
      await start('starttls', { greeting: close }),
      await start('starttls', { greeting: '554 5.7.1 not you' }),
    ]
    const dead = await unusedPort()
    const budget = new Budget()
    const { session, others } = await climb({
      routes: [
        { port: dead, tls: 'implicit' },
        route(closing, 'starttls'),
        route(talker, 'starttls'),
      ],
      takeSocket: budget.take,
    })
    expect(session).toBeUndefined()
    expect(others.map(({ failure }) => `${failure?.step} ${failure?.cause}`)).toEqual([
      'connect connect_failed',
      'greeting closed',
      'greeting reply',
    ])
    await budget.emptied()
  })

  it('stops where the relay would fail alike on every port', async () => {
    const busy = await start('starttls', { greeting: '421 4.3.2 busy' })
    const other = await start('implicit')
    const { session, others } = await climb({
      routes: [route(busy, 'starttls'), route(other, 'implicit')],
      nextPort: ({ reply }) => (reply?.code === 421 ? 'no' : 'yes'),
    })
    expect(session).toBeUndefined()
    expect(others).toHaveLength(1)
    expect(other.connections.all).toEqual([])
  })
})

describe('the socket budget', () => {
  it('none left: nothing was tried', async () => {
    const relay = await start('implicit')
    const result = await climb({
      routes: [route(relay, 'implicit')],
      takeSocket: () => undefined,
    })
    expect(result).toEqual({ others: [] })
    expect(relay.connections.all).toEqual([])
  })

  it('one socket is enough for a whole ladder', async () => {
    const [first, second] = [
      await start('starttls', { greeting: '554 no' }),
      await start('implicit'),
    ]
    const { session, others } = await climb({
      routes: [route(first, 'starttls'), route(second, 'implicit')],
      stagger: { connect: 0, greeting: 0 },
      takeSocket: new Budget(1).take,
    })
    expect(session?.route.port).toBe(second.port)
    expect(others).toHaveLength(1)
    await session?.close()
  })

  it('a dial that hangs keeps its socket after it lost', async () => {
    const hole = await startBlackHole()
    running.push(hole)
    const relay = await start('implicit')
    const budget = new Budget()
    const { session } = await climb({
      routes: [route(hole, 'starttls'), route(relay, 'implicit')],
      stagger: { connect: 0, greeting: 0 },
      takeSocket: budget.take,
    })
    expect(budget.taken).toBe(2)
    await session?.close()
    expect(budget.taken).toBe(1)
  })
})

describe('hostile and broken peers', () => {
  const only = (relay: ScriptedRelay, tls: TlsMode, deadlines = PATIENT) =>
    climb({ routes: [route(relay, tls)], deadlines }).then(({ session, others }) => {
      expect(session).toBeUndefined()
      return others[0]?.failure
    })

  it.each<[string, Script, object]>([
    ['drips', { greeting: drip('220-', 20) }, { step: 'greeting' }],
    ['drips one endless line', { greeting: drip('2', 20) }, { step: 'greeting', cause: 'timeout' }],
    [
      'greets without end',
      { greeting: endless('220-hello\r\n') },
      { step: 'greeting', cause: 'protocol', detail: 'reply_too_long' },
    ],
    [
      'sends one line without end',
      { greeting: endless('220 hello') },
      { step: 'greeting', cause: 'protocol', detail: 'line_too_long' },
    ],
    [
      'sends NUL without end',
      { greeting: endless('\0\0\0\0') },
      { step: 'greeting', cause: 'protocol' },
    ],
    [
      'speaks HTTP',
      { greeting: write('HTTP/1.1 400 Bad Request\r\n\r\n') },
      { step: 'greeting', cause: 'protocol', detail: 'not_a_reply' },
    ],
    [
      'answers EHLO without end',
      { EHLO: endless('250-X\r\n') },
      { step: 'ehlo', cause: 'protocol', detail: 'reply_too_long' },
    ],
    [
      'adds a reply',
      { EHLO: write('250-relay\r\n250 STARTTLS\r\n220 go\r\n') },
      { cause: 'protocol', detail: 'early_reply' },
    ],
    ['closes at STARTTLS', { STARTTLS: close }, { step: 'starttls', cause: 'closed' }],
    ['closes at the handshake', { TLS: close }, { step: 'tls', cause: 'tls_failed' }],
    [
      'stalls the handshake',
      { TLS: silence },
      { step: 'tls', cause: 'tls_failed', detail: 'timeout' },
    ],
  ])('%s', async (_, script, failure) => {
    const relay = await start('starttls', script)
    const failed = await only(relay, 'starttls', { ...PATIENT, greeting: 400, command: 400 })
    expect(failed).toMatchObject(failure)
    expect(relay.clearOctets().toString()).not.toMatch(/AUTH|MAIL/)
  })

  it('speaks clear text on a port of implicit TLS', async () => {
    const relay = await start('implicit', { TLS: write('220 relay.example.com\r\n') })
    expect(await only(relay, 'implicit')).toMatchObject({ step: 'tls', cause: 'tls_failed' })
  })

  it('octets between the 220 and TLS', async () => {
    const relay = await start('starttls', {
      STARTTLS: write('220 go\r\n250 relay.example.com\r\n'),
    })
    expect(await only(relay, 'starttls')).toEqual({
      step: 'starttls',
      cause: 'protocol',
      detail: 'starttls_injection',
    })
  })

  it.each(['wrongName', 'expired', 'selfSigned'] as const)('certificate: %s', async (which) => {
    for (const tls of ['starttls', 'implicit'] as const) {
      const relay = await start(tls, {}, certificates[which])
      expect(await only(relay, tls)).toMatchObject({ step: 'tls', cause: 'tls_failed' })
      expect(relay.allOctets().toString()).not.toMatch(/AUTH|MAIL/)
    }
  })

  it('STARTTLS stripped: not a word in clear, and implicit TLS is tried next', async () => {
    const stripped = await start('clear')
    const also = await start('clear')
    const relay = await start('implicit')
    const { session, others } = await climb({
      routes: [route(stripped, 'starttls'), route(also, 'starttls'), route(relay, 'implicit')],
      knownExtensions: { [`${stripped.port}/starttls` as const]: ['PIPELINING'] },
      nextPort: () => 'implicit_first',
    })
    expect(session?.route.port).toBe(relay.port)
    expect(others.map(({ failure }) => failure)).toEqual([
      { step: 'starttls', cause: 'not_offered', detail: 'starttls', possible_strip: true },
    ])
    expect(stripped.clearOctets().toString()).toBe('EHLO gw.example.com\r\nQUIT\r\n')
    await session?.close()
  })

  it('a wrong password is said once', async () => {
    const relay = await start('implicit')
    const { session } = await climb({ routes: [route(relay, 'implicit')] })
    const outcome = await session?.authenticate({ user: 'gateway', password: 'wrong' })
    expect(outcome).toMatchObject({
      failure: { step: 'auth', cause: 'reply', reply: { code: 535, enhanced: '5.7.8' } },
      record: { tls: { mode: 'implicit', proven: true } },
    })
    expect(JSON.stringify(outcome)).not.toContain('wrong')
    expect(relay.commands('AUTH')).toHaveLength(1)
  })
})
