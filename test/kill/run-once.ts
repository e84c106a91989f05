/** One run: mail is sent, the process is killed at a stage, and comes back; then what the sender and the relay know is compared. */

import { join } from 'node:path'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { openStory, type Story } from '../scenarios/story.ts'
import type { Bundle } from '../support/bundle.ts'
import { EXTENSIONS, type ScriptedRelay } from '../support/scripted-relay.ts'
import { type FailStage, INSIDE_DOT_SENT } from './failpoint.ts'

const MAILS = 3
/** More than one chunk in the outbox. */
const LARGE = 'A line that makes it large.\n'.repeat(50_000)
const FINAL = ['relayed', 'failed', 'partial', 'canceled']
/** Reached once for each session. */
const ONCE: readonly FailStage[] = ['after connect', 'after AUTH']

/** What a relay offers. With CHUNKING the last octets are in one flight with MAIL, so it has its place after `dot_sent` only. */
const PIPELINING = EXTENSIONS
const ONE_BY_ONE = EXTENSIONS.filter((extension) => extension !== 'PIPELINING')
const CHUNKING = [...EXTENSIONS, 'CHUNKING']

export interface Outcome {
  accepted: number
  /** Not relayed, or the relay has nothing of it. */
  lost: number
  /** The relay has it more than once. */
  twice: number
  /** Of those, what doesn't say so. */
  silent: number
  /** Says that it may be there twice. */
  flagged: number
}

/** Nothing lost, nothing twice in silence, and nothing twice at all where the last octets can't have left. */
export function isSound(stage: FailStage, { lost, twice, silent, flagged }: Outcome): boolean {
  const certain = INSIDE_DOT_SENT.includes(stage) || (twice === 0 && flagged === 0)
  return lost === 0 && silent === 0 && certain
}

export async function openKillStory(bundle: Bundle): Promise<Story> {
  const program = join(import.meta.dirname, 'serve.ts')
  return openStory(
    { HOLD_AFTER: '1s', RETRY_SCHEDULE: '1s' },
    { program: [program, bundle.folder] },
  )
}

export async function runOnce(story: Story, stage: FailStage, run: number): Promise<Outcome> {
  const offers = INSIDE_DOT_SENT.includes(stage) ? [PIPELINING, CHUNKING] : [PIPELINING, ONE_BY_ONE]
  const relay = await story.relay({ extensions: offers[run % offers.length] ?? PIPELINING })
  const id = `${stage}-${run}`.toLowerCase().replace(/[^a-z0-9]/g, '-')
  await story.ladder([[relay, 'starttls']], { max_sessions: 1, flight_depth: MAILS }, id)
  const nth = ONCE.includes(stage) ? 1 : 1 + (run % MAILS)
  await story.call('POST', '/failpoint', { stage, nth })

  const keys = Array.from({ length: MAILS }, (_, i) => `${id}-${i}`)
  const text = stage === 'mid-body' ? LARGE : 'It works.'
  const send = (key: string) =>
    story.send({ relay: id, to: recipients(key), text }, { 'Idempotency-Key': key })
  const stopped = story.gateway.log(
    (line) => line.type === 'failpoint' && line.stage === stage && isNew(line),
  )
  const sending = Promise.allSettled(keys.map(send))
  // Only there one of the answers never comes.
  await Promise.all([stopped, ...(stage === 'after accept' ? [] : [sending])])
  await story.gateway.kill()
  const answers = await sending
  await Promise.all(relay.connections.all.map(({ closed }) => closed))

  await story.gateway.restart()
  // The sender asks again, as senders do, and is told of the same messages.
  const ids: string[] = []
  for (const [i, key] of keys.entries()) {
    const { body } = await send(key)
    const before = answers[i]
    const known = before?.status === 'fulfilled' ? before.value.body.id : body.id
    if (known !== body.id) throw new Error(`${known} is forgotten`)
    ids.push(body.id)
  }
  const outcome = compare(await Promise.all(ids.map((id) => ended(story, id))), relay)
  await relay.close()
  return outcome
}

const seen = new WeakSet<object>()

/** The log is one over all runs. */
function isNew(line: object): boolean {
  if (seen.has(line)) return false
  seen.add(line)
  return true
}

function recipients(key: string): string[] {
  return ['first', 'second'].map((name) => `${name}.${key}@example.net`)
}

function ended(story: Story, id: string): Promise<MessageDocument> {
  return story.until(id, ({ status }) => FINAL.includes(status))
}

/** By recipient. */
function compare(messages: MessageDocument[], relay: ScriptedRelay): Outcome {
  const outcome = { accepted: 0, lost: 0, twice: 0, silent: 0, flagged: 0 }
  for (const { address, state, may_duplicate } of messages.flatMap((one) => one.recipients)) {
    const taken = relay.messages.all.filter((one) => one.recipients.includes(address)).length
    outcome.accepted += 1
    outcome.lost += Number(state !== 'relayed' || taken === 0)
    outcome.twice += Number(taken > 1)
    outcome.silent += Number(taken > 1 && !may_duplicate)
    outcome.flagged += Number(may_duplicate)
  }
  return outcome
}
