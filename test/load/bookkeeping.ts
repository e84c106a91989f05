/** Much mail for a relay that fails at random, and three accounts of it: the sender's, the gateway's and the relay's. */

import type { RecipientState } from '../../src/domain/states.ts'
import { openStory, type Story } from '../scenarios/story.ts'
import { eventually } from '../support/eventually.ts'
import { type OutboxBooks, openBooks } from '../support/outbox-books.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { type Faulty, faultyScript } from './faults.ts'

const CLIENTS = 16
const FAULT_SHARE = 0.1
const PATIENCE_MS = 3_600_000
const PENDING: readonly RecipientState[] = ['queued', 'deferred', 'unknown']

/** In recipients where nothing else is said. */
export interface Bookkeeping {
  messages: number
  accepted: number
  faults: number
  transactions: number
  samples: number
  /** Samples whose states didn't add up to what had been accepted by then. */
  wrongSamples: number
  unknownAtOnce: number
  relayed: number
  bounced: number
  /** By the relay's own count. */
  taken: number
  /** What the relay has beside what was relayed, of recipients that say so. */
  flaggedDuplicates: number
  /** The same of recipients that don't. */
  silentDuplicates: number
  /** Relayed, and the relay has nothing; or neither relayed nor bounced. */
  lost: number
}

export async function keepBooks(messages: number, seed: number): Promise<Bookkeeping> {
  const story = await openStory({ HOLD_AFTER: '2s', RETRY_SCHEDULE: '1s' })
  try {
    const relay = await story.relay()
    const faulty = faultyScript(() => relay, seed, FAULT_SHARE)
    relay.script = faulty.script
    await story.ladder([[relay, 'starttls']])
    return await run(story, relay, faulty, messages)
  } finally {
    await story.close()
  }
}

async function run(
  story: Story,
  relay: ScriptedRelay,
  faulty: Faulty,
  messages: number,
): Promise<Bookkeeping> {
  const counts = { begun: 0, accepted: 0 }
  let number = 0
  const post = async () => {
    const mail = number++
    const to = Array.from({ length: 1 + (mail % 2) }, (_, i) => `${mail}.${i}@example.net`)
    counts.begun += to.length
    const { status } = await story.send({ from: `a+${mail}@example.com`, to }, {})
    if (status !== 202) throw new Error(`${status} for message ${mail}`)
    counts.accepted += to.length
  }
  await post()
  const books = openBooks(story.gateway.dataDir)
  const client = async () => {
    while (number < messages) await post()
  }
  const posted = Promise.all(Array.from({ length: CLIENTS }, client))
  const samples = sample(books, counts, messages, () => number)
  try {
    await Promise.all([posted, samples])
    return {
      messages,
      ...(await samples),
      ...balance(books, relay, faulty),
      accepted: counts.accepted,
    }
  } finally {
    books.close()
  }
}

/** Until all of it has an end. What is on its way to the outbox or back may be counted or not. */
async function sample(
  books: OutboxBooks,
  counts: { begun: number; accepted: number },
  messages: number,
  begun: () => number,
) {
  const result = { samples: 0, wrongSamples: 0, unknownAtOnce: 0 }
  const look = async () => {
    const states = books.states()
    const sum = Object.values(states).reduce((a, b) => a + b, 0)
    result.samples += 1
    result.wrongSamples += Number(sum < counts.accepted || sum > counts.begun)
    result.unknownAtOnce = Math.max(result.unknownAtOnce, states.unknown ?? 0)
    const ended = begun() >= messages && counts.accepted === counts.begun
    return ended && PENDING.every((state) => !states[state]) ? result : undefined
  }
  return eventually('the end of all mail', look, PATIENCE_MS)
}

function balance(books: OutboxBooks, relay: ScriptedRelay, faulty: Faulty) {
  const taken = new Map<string, number>()
  for (const { recipients } of [...relay.messages.all, ...faulty.kept]) {
    for (const address of recipients) taken.set(address, (taken.get(address) ?? 0) + 1)
  }
  const result = {
    relayed: 0,
    bounced: 0,
    taken: 0,
    flaggedDuplicates: 0,
    silentDuplicates: 0,
    lost: 0,
  }
  for (const { address, state, may_duplicate } of books.recipients()) {
    const times = taken.get(address) ?? 0
    const relayed = Number(state === 'relayed')
    const more = Math.max(0, times - relayed)
    result.relayed += relayed
    result.bounced += Number(state === 'bounced')
    result.taken += times
    result.lost += Number(state !== 'bounced' && (!relayed || times === 0))
    if (may_duplicate) result.flaggedDuplicates += more
    else result.silentDuplicates += more
  }
  const { faults, transactions } = faulty
  return { ...result, faults, transactions }
}

/** Whether the three accounts agree. */
export function balances(books: Bookkeeping): boolean {
  const { accepted, relayed, bounced, taken, flaggedDuplicates } = books
  return (
    accepted === relayed + bounced &&
    taken === relayed + flaggedDuplicates &&
    books.wrongSamples + books.silentDuplicates + books.lost === 0
  )
}
