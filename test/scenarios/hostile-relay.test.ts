/** A relay that never comes to the point, or talks without end: each stage ends at its deadline, the mail waits. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Action,
  drip,
  endless,
  type Script,
  type Stage,
  silence,
  write,
} from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({
    SMTP_DEADLINES: 'connect=2s,greeting=2s,command=2s,data=2s,body=2s,data_end=2s',
    RETRY_SCHEDULE: '1h',
  })
})
afterAll(() => story.close())

const HUGE = 'x'.repeat(100_000)
const cases: [what: string, stage: Stage, action: Action, outcome: RegExp][] = [
  ['an endless banner', 'greeting', endless('220-and so on\r\n'), /^protocol_error$/],
  ['a banner without line end', 'greeting', endless('2'), /^protocol_error$/],
  ['a banner a byte at a time', 'greeting', drip('220-slow\r\n', 100), /^banner_timeout$/],
  ['a web server', 'greeting', write('HTTP/1.1 400 Bad Request\r\n\r\n'), /^protocol_error$/],
  ['binary', 'greeting', write(new Uint8Array([0, 255, 13, 10, 0])), /^protocol_error$/],
  ['a huge EHLO reply', 'EHLO', endless(`250-${'y'.repeat(400)}\r\n`), /^protocol_error$/],
  ['one huge line', 'EHLO', write(`250 ${HUGE}\r\n`), /^protocol_error$/],
  ['a 220 dripped', 'STARTTLS', drip('220-', 100), /./],
  ['a handshake that stalls', 'TLS', silence, /^tls_handshake$/],
  [
    'text instead of a handshake',
    'TLS',
    write('what?\r\n'),
    /^(tls_handshake|starttls_injection)$/,
  ],
  ['silence at AUTH', 'AUTH', silence, /^auth_temp$/],
  ['silence at MAIL', 'MAIL', silence, /./],
  ['silence at DATA', 'DATA', drip('354-', 100), /./],
]

for (const [i, [what, stage, action, outcome]] of cases.entries()) {
  test(`${what} ends at its deadline`, async () => {
    const script: Script = { [stage]: action }
    const relay = await story.relay({ script })
    // A relay of its own: what one login came to holds nobody else up.
    await story.ladder([[relay, 'starttls']], {}, `case-${i}`)
    const started = performance.now()
    const { body } = await story.send({ relay: `case-${i}` })
    expect(body.status).toBe('deferred')
    expect(body.attempts[0]?.sessions.at(-1)?.outcome).toMatch(outcome)
    // Two seconds a stage; far from the twenty that the client would wait.
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(relay.received.all).toHaveLength(0)
    expect(JSON.stringify(body).length).toBeLessThan(20_000)
    await relay.close()
  })
}

test('text on an implicit-TLS port is a failed handshake', async () => {
  const relay = await story.relay({ mode: 'implicit', script: { TLS: write('220 hello\r\n') } })
  await story.ladder([[relay, 'implicit']], {}, 'plain')
  const { body } = await story.send({ relay: 'plain' })
  expect(body.status).toBe('deferred')
  expect(body.attempts[0]?.sessions[0]?.outcome).toBe('tls_handshake')
})

test('silence after the dot is an unknown outcome', async () => {
  const relay = await story.relay({ script: { dot: drip('250-', 100) } })
  await story.ladder([[relay, 'starttls']], {}, 'mute')
  const { body } = await story.send({ relay: 'mute', on_unknown: 'stop' })
  expect(body.status).toBe('unknown')
})

test('and a good relay is served as if nothing had happened', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']], {}, 'good')
  expect((await story.send({ relay: 'good' })).body.status).toBe('relayed')
})
