/**
 * Relays that fall silent hold what sockets they have until their deadlines, and their mail wants more. A good relay that
 * needs a new session for each mail gets one all the same, and never by the end of theirs.
 */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXTENSIONS, type ScriptedRelay, type Stage, silence } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

const MAILS = 10

let story: Story
let good: ScriptedRelay
/** Hostile sessions that are over. */
let ended: number

beforeEach(async () => {
  ended = 0
  // Nothing of theirs ends by itself while the story lasts.
  story = await openStory({ SMTP_DEADLINES: 'command=10m,data=10m,body=10m' })
  good = await story.relay({ extensions: [...EXTENSIONS, 'LIMITS MAILMAX=1'] })
  await story.ladder([[good, 'starttls']], { senders: ['*@good.example'] }, 'good')
})
afterEach(() => story.close())

/** One after another, as fast as they go: how many sessions the relay got for them. */
async function sessionsForMails(): Promise<number> {
  const before = good.connections.all.length
  for (let n = 0; n < MAILS; n++) {
    const { body } = await story.send({ from: 'a@good.example' })
    expect([n, body.status, ended]).toEqual([n, 'relayed', 0])
  }
  return good.connections.all.length - before
}

/** Falls silent there in each session, once it took so many mails; resolves when it has so many that hang. */
async function startHostile(stage: Stage, takes: number, sessions: number): Promise<void> {
  const hang = Promise.withResolvers<void>()
  let hanging = 0
  const relay = await story.relay({
    script: {
      [stage]: ({ session }: { session: { closed: Promise<unknown> } }) => {
        if (relay.messages.all.length < takes) return undefined
        void session.closed.then(() => ended++)
        hanging += 1
        if (hanging === sessions) hang.resolve()
        return silence
      },
    },
  })
  const domain = `${stage.toLowerCase()}.example`
  const terms = { senders: [`*@${domain}`], max_sessions: 5 }
  await story.ladder([[relay, 'starttls']], terms, stage.toLowerCase())
  for (let n = 0; n < takes; n++) await story.send({ from: `a@${domain}` })
  for (let n = 0; n < MAILS; n++) await story.send({ from: `a@${domain}` }, {})
  await hang.promise
}

test('beside three that never took a mail', async () => {
  const alone = await sessionsForMails()
  expect(alone).toBe(MAILS)
  for (const stage of ['MAIL', 'RCPT', 'DATA'] as const) await startHostile(stage, 0, 1)
  expect(await sessionsForMails()).toBe(alone)
})

test('beside one that took mail over all its sessions before', async () => {
  const alone = await sessionsForMails()
  await startHostile('MAIL', 4, 4)
  expect(await sessionsForMails()).toBe(alone)
})
