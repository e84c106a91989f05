/** Drives a case over real sockets, alone, with another port and with another relay, and asserts what must not happen. */

import { expect, test, vi } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { openStory, type Story, type StoryRoute } from '../scenarios/story.ts'
import { startBlackHole, unusedPort } from '../support/black-hole.ts'
import { ACCOUNT, type ScriptedRelay } from '../support/scripted-relay.ts'
import {
  type Mail,
  type Raw,
  type RuleCase,
  WORLDS,
  type World,
  type WorldName,
} from './rule-case.ts'

const HOUR_MS = 3_600_000

/** A port is given up at its deadline, and never because it lost a race. */
export const SETTINGS = {
  SMTP_DEADLINES: 'connect=2s,greeting=2s,command=2s,data=2s,body=2s,data_end=2s',
  LADDER_STAGGER: 'connect=1m,greeting=1m',
  RETRY_SCHEDULE: '1h',
  AUTH_BACKOFF: '1h',
  HOLD_AFTER: '1h',
}

interface Staged extends World {
  name: WorldName
  /** The good ports of the same relay, in their order. */
  ports: ScriptedRelay[]
  /** The good relay behind it. */
  second: ScriptedRelay | undefined
  close(): Promise<void>
}

let cases = 0

/** One test a case, all in one gateway. */
export function driveRules(table: readonly RuleCase[], story: () => Story): void {
  test.each(table.map((one) => [one.rule, one.when, one] as const))('rule %d: %s', (_, __, one) =>
    driveRule(story(), one),
  )
}

export function openRules(env: Record<string, string> = {}): Promise<Story> {
  return openStory({ ...SETTINGS, ...env })
}

async function driveRule(story: Story, one: RuleCase): Promise<void> {
  const worlds = await Promise.all(
    (one.worlds ?? WORLDS).map((name) => stage(story, one, name, ++cases)),
  )
  try {
    await one.between?.(story)
    await Promise.all(worlds.map((world) => play(one, world)))
  } finally {
    await Promise.all(worlds.map((world) => world.close()))
  }
}

async function stage(story: Story, one: RuleCase, name: WorldName, nth: number): Promise<Staged> {
  const relayId = `first-${nth}`
  const domain = `case-${nth}.example`
  const { certificates } = story
  const mode = typeof one.peer === 'object' ? (one.peer.mode ?? 'starttls') : 'starttls'
  const tls = mode === 'implicit' ? 'implicit' : 'starttls'
  const peer =
    typeof one.peer === 'object'
      ? await story.relay({
          ...one.peer,
          certificate: certificates[one.peer.certificate ?? 'good'],
        })
      : undefined
  const hole = one.peer === 'black hole' ? await startBlackHole() : undefined
  const ports: ScriptedRelay[] = []
  if (name === 'another port') {
    ports.push(await story.relay(), await story.relay({ mode: 'implicit' }))
  }
  const second = name === 'another relay' ? await story.relay() : undefined
  const routes: StoryRoute[] = [
    [peer ?? hole?.port ?? (await unusedPort()), tls],
    ...ports.map((port, i): StoryRoute => [port, i === 0 ? 'starttls' : 'implicit']),
  ]
  const senders = [`*@${domain}`]
  await story.ladder(routes, { senders, priority: 1, ...one.relay }, relayId)

  return {
    story,
    name,
    relayId,
    peer,
    ports,
    second,
    send: (mail = {}) => send(story, `a@${domain}`, mail),
    close: async () => {
      await Promise.all([peer, hole, second, ...ports].map((part) => part?.close()))
    },
  }
}

const isRaw = (mail: Mail): mail is Raw => typeof mail.raw === 'string'

/** The message once its first attempts are over. */
async function send(story: Story, from: string, mail: Mail): Promise<MessageDocument> {
  const { id } = await post(story, from, mail)
  return await story.until(id, ({ status }) => status !== 'sending' && status !== 'queued')
}

async function post(story: Story, from: string, mail: Mail): Promise<MessageDocument> {
  const Prefer = 'wait=20'
  if (!isRaw(mail)) return (await story.send({ from, ...mail }, { Prefer })).body
  const response = await story.gateway.fetch('/v1/messages/raw', {
    method: 'POST',
    headers: { Prefer, 'Content-Type': 'message/rfc822' },
    body: mail.raw.replace('FROM', from),
  })
  return (await response.json()) as MessageDocument
}

async function play(one: RuleCase, world: Staged): Promise<void> {
  const { story, relayId, second } = world
  if (second) {
    const senders = [`*@${relayId.replace('first', 'case')}.example`]
    await story.ladder([[second, 'starttls']], { senders, priority: 2 }, `second-${relayId}`)
  }
  await one.before?.(world)
  const { mail } = one
  const message = await world.send(mail)
  expectNothingForbidden(one, world)
  if (world.name === 'another port' && one.port !== 'no') expectOtherPort(one, world, message)
  else if (second && one.next === 'yes') expectOtherRelay(one, world, second, message)
  else await expectHere(one, world, message)
}

/** Whatever the rule: nothing in clear, no login too many, nothing complete at the port. */
function expectNothingForbidden(one: RuleCase, { peer, ports, second }: Staged): void {
  for (const relay of [peer, second, ...ports]) {
    if (!relay) continue
    for (const { channel } of relay.connections.all) {
      expect(Buffer.concat(channel.clear).toString('latin1')).toMatch(CLEAR)
    }
    expect(relay.allOctets().toString('latin1')).not.toContain(ACCOUNT.password)
    expect(relay.violations()).toEqual([])
  }
  if (!peer) return
  expect(peer.commands('AUTH')).toHaveLength(one.auths)
  expect(peer.messages.all).toHaveLength(one.taken ?? 0)
}

/** EHLO, STARTTLS and QUIT, and the handshake of a peer that doesn't answer it. */
const CLEAR = /^(?:EHLO \S+\r\n)?(?:STARTTLS\r\n)?(?:QUIT\r\n)?(?:\x16\x03[\s\S]*)?$/

/** `7 protocol_error` of all sessions of all attempts. */
function logOf({ attempts }: MessageDocument): string[] {
  return attempts.flatMap(({ sessions }) =>
    sessions.map(({ rule, outcome }) => `${rule ?? '-'} ${outcome}`),
  )
}

function logged({ log }: RuleCase): unknown[] {
  return log.map((said) => (typeof said === 'string' ? said : expect.stringMatching(said)))
}

function decisions({ to }: RuleCase): string[] {
  const states = new Set(to.map((told) => told.split(' ')[0] ?? ''))
  return states.size === 1 ? [...states] : ['partial']
}

function statesOf({ attempts, recipients }: MessageDocument): string[] {
  return recipients.map(({ address, state }) => {
    const told = attempts
      .flatMap((attempt) => attempt.recipients)
      .findLast((one) => one.address === address)
    return `${state} ${told?.rule}`
  })
}

async function expectHere(one: RuleCase, world: Staged, message: MessageDocument): Promise<void> {
  expect(logOf(message)).toEqual(logged(one))
  expect(statesOf(message)).toEqual(one.to)
  expect(message.attempts.map(({ decision }) => decision)).toEqual(one.decisions ?? decisions(one))
  for (const attempt of message.attempts) {
    const line = await world.story.gateway.log(
      (record) => record.message === message.id && record.attempt === attempt.attempt,
    )
    expect(line).toEqual({ type: 'attempt', ...attempt })
  }
  for (const { state, next_attempt_at, may_duplicate } of message.recipients) {
    const waits = state === 'deferred' || state === 'unknown'
    expect([state, next_attempt_at !== null]).toEqual([state, waits])
    if (next_attempt_at)
      expect(Date.parse(next_attempt_at) - Date.now()).toBeGreaterThan(HOUR_MS / 2)
    expect(may_duplicate).toBe(false)
  }
  for (const port of world.ports) expect(port.connections.all).toHaveLength(0)
  expect(world.second?.connections.all ?? []).toHaveLength(0)
  if (world.name !== 'alone') return
  await vi.waitFor(async () => {
    const alarms = (await world.story.alarms()).filter(({ relay }) => relay === world.relayId)
    expect(alarms.map(({ code }) => code).sort()).toEqual([...one.alarms].sort())
  }, 5000)
  const { peer } = world
  if (peer) await one.also?.({ ...world, peer }, message)
}

function expectOtherPort(one: RuleCase, { ports }: Staged, message: MessageDocument): void {
  expect(statesOf(message)).toEqual(one.to.map(() => 'relayed 37'))
  expect(logOf(message)).toEqual([...logged(one), '37 relayed'])
  expect(message.attempts).toHaveLength(1)
  expect(message.events.map(({ type }) => type)).toContain('relay.fallback')
  const carriers = one.port === 'yes' ? [1, 0] : [0, 1]
  expect(ports.map(({ messages }) => messages.all.length)).toEqual(carriers)
  expect(ports.map(({ connections }) => connections.all.length)).toEqual(carriers)
}

function expectOtherRelay(
  one: RuleCase,
  _: Staged,
  second: ScriptedRelay,
  message: MessageDocument,
): void {
  expect(statesOf(message)).toEqual(one.to.map(() => 'relayed 37'))
  expect(logOf(message)).toEqual([...logged(one), '37 relayed'])
  expect(message.attempts.map(({ decision }) => decision)).toEqual(['next_relay', 'relayed'])
  expect(second.messages.all).toHaveLength(1)
}
