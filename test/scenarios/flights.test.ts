/** Several messages of one session on their way at once: each has its own end, whatever becomes of the others. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { EXTENSIONS, replyAfter, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story, states } from './story.ts'

const CHUNKING = { extensions: [...EXTENSIONS, 'CHUNKING'] }

let story: Story
let release: () => void
let released: Promise<void>

beforeAll(async () => {
  story = await openStory({ HOLD_AFTER: '1h' })
})
afterAll(() => story.close())
beforeEach(() => {
  released = new Promise((resolve) => {
    release = resolve
  })
})

const others = ['second@example.net', 'third@example.net']

/** Posts so many that the relay has them, or their beginning, before it answers the first; gives their ids. */
async function inFlight(
  relay: ScriptedRelay,
  mails: Record<string, unknown>[],
  depth: number,
): Promise<string[]> {
  await story.ladder([[relay, 'starttls']], { max_sessions: 1, flight_depth: depth })
  const ids: string[] = []
  for (const [i, mail] of mails.entries()) {
    ids.push((await story.send(mail, {})).body.id)
    await eventually(`mail ${i + 1} on its way`, async () => (begun(relay) > i ? true : undefined))
  }
  return ids
}

const begun = (relay: ScriptedRelay) =>
  relay.allOctets().toString('latin1').split('MAIL FROM').length - 1

async function ended(ids: string[]) {
  const messages = ids.map((id) =>
    story.until(id, ({ recipients }) =>
      recipients.every(({ state }) => /relayed|bounced|unknown/.test(state)),
    ),
  )
  return Promise.all(messages)
}

test('the first of three refused leaves the others unharmed', async () => {
  const relay = await story.relay({
    ...CHUNKING,
    script: {
      MAIL: ({ total }) => (total === 1 ? replyAfter(released, '250 2.1.0 ok') : undefined),
      RCPT: ({ line }) => (line.includes('first@') ? '550 5.1.1 nobody here' : undefined),
    },
  })
  const to = ['first@example.net', ...others]
  const ids = await inFlight(
    relay,
    to.map((address) => ({ to: address })),
    3,
  )
  release()
  const ends = Object.assign({}, ...(await ended(ids)).map(states))
  expect(ends).toEqual({
    'first@example.net': 'bounced',
    'second@example.net': 'relayed',
    'third@example.net': 'relayed',
  })
  expect(relay.messages.all.map(({ recipients }) => recipients)).toEqual(others.map((one) => [one]))
  expect([relay.connections.all.length, relay.violations()]).toEqual([1, []])
})

test('a session lost with three in flight makes unknown exactly those whose last octets had left', async () => {
  const relay = await story.relay({
    ...CHUNKING,
    script: {
      MAIL: async ({ total }) => {
        if (total !== 1) return undefined
        await released
        return { kind: 'close' }
      },
    },
  })
  const large = { to: 'third@example.net', text: 'A line that makes it large.\n'.repeat(4000) }
  const mails = [{ to: 'first@example.net' }, { to: 'second@example.net' }, large]
  const ids = await inFlight(relay, mails, 3)
  release()
  const [first, second, third] = await ended(ids)
  for (const message of [first, second]) {
    expect(message?.recipients[0]).toMatchObject({ state: 'unknown' })
    expect(message?.attempts.map(({ sessions }) => sessions.at(-1)?.rule)).toEqual([40])
  }
  expect(third?.recipients[0]).toMatchObject({
    state: 'relayed',
    attempts: 1,
    may_duplicate: false,
  })
  expect(relay.messages.all.map(({ recipients }) => recipients)).toEqual([['third@example.net']])
})

test('where only PIPELINING is offered, the envelope behind the lost message goes out again at once', async () => {
  const relay = await story.relay({
    script: {
      dot: async ({ total }) => {
        if (total !== 1) return undefined
        await released
        return { kind: 'close' }
      },
    },
  })
  const ids = await inFlight(relay, [{ to: 'first@example.net' }, { to: 'second@example.net' }], 1)
  release()
  const [first, second] = await ended(ids)
  expect(first?.recipients[0]?.state).toBe('unknown')
  expect(second?.recipients[0]).toMatchObject({ state: 'relayed', attempts: 1 })
  expect(second?.attempts).toHaveLength(1)
  expect(relay.messages.all.map(({ recipients }) => recipients)).toEqual([['second@example.net']])
})
