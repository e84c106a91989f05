/** One sentence for a person: what became of a recipient, and of a message. */

import type { AttemptRecord } from './attempt.ts'
import { listed } from './listed.ts'
import { outcomeWords } from './outcome-words.ts'
import type { Reply } from './reply.ts'
import { portOf, type RouteName } from './route.ts'
import type { RecipientState } from './states.ts'

/** What the sentence is made from; RecipientDocument and the place it was last tried at. */
export interface RecipientFacts {
  address: string
  state: RecipientState
  queue_id: string | null
  reply: (Reply & { command: string }) | null
  attempts: number
  next_attempt_at: string | null
  may_duplicate: boolean
  /** The relay's host and the route as `465/implicit`, where the last attempt got that far. */
  host?: string | null
  route?: RouteName | null
  /** The word of the delivery log. */
  code?: string | null
  /** `reason`: why a recipient who is to get it protected gets nothing. */
  protection?: { reason: string | null } | null
}

export function recipientSummary(
  facts: RecipientFacts,
  attempts: readonly AttemptRecord[] = [],
): string {
  const last = attempts.findLast(({ recipients }) =>
    recipients.some(({ address }) => address === facts.address),
  )
  const host = facts.host || last?.host || 'The relay'
  const duplicate = facts.may_duplicate ? ' It may have gone out twice.' : ''
  switch (facts.state) {
    case 'queued':
      return facts.next_attempt_at === null
        ? 'Waiting to be sent.'
        : `Waiting to be sent at ${facts.next_attempt_at}.`
    case 'relayed':
      return `Relayed by ${host}${over(facts, last)}${onAttempt(facts)}${after(last)}${queued(facts)}.${duplicate}`
    case 'delivered':
      return `Delivered: ${host} reported success${queued(facts)}.${duplicate}`
    case 'deferred':
      return `Deferred: ${reason(facts, last, host)}; ${next(facts)}.`
    case 'bounced':
      return `Bounced: ${reason(facts, last, host)}.`
    case 'expired':
      return `Expired: its time was over before a relay took it${lastTrouble(facts, last, host)}.`
    case 'suppressed':
      return facts.protection?.reason
        ? `Not sent: ${facts.protection.reason}.`
        : 'Not sent: the address is on the suppression list.'
    case 'canceled':
      return 'Canceled before it was sent.'
    case 'unknown':
      return `Unknown: ${host} got the complete message and gave no answer, so it may or may not have it; ${
        facts.next_attempt_at === null
          ? 'settle it with resolve or retry'
          : `sent again at ${facts.next_attempt_at}`
      }.`
  }
}

function over({ route }: RecipientFacts, last: AttemptRecord | undefined): string {
  const carrier = last?.sessions.find(({ outcome }) => outcome === 'relayed')?.route ?? route
  return carrier ? ` over ${portOf(carrier)}` : ''
}

function onAttempt({ attempts }: RecipientFacts): string {
  return attempts > 1 ? ` on attempt ${attempts}` : ''
}

/** The routes that did not carry it, in the order they were tried. */
function after(last: AttemptRecord | undefined): string {
  const troubles = routeTroubles(last)
  return troubles.length > 0 ? ` after ${listed(troubles)}` : ''
}

function routeTroubles(attempt: AttemptRecord | undefined): string[] {
  const sessions = attempt?.sessions ?? []
  const told = sessions.flatMap(({ route, outcome }) => {
    const words = outcomeWords(outcome)
    return words === undefined ? [] : [`${portOf(route)} ${words}`]
  })
  return [...new Set(told)]
}

function queued({ queue_id }: RecipientFacts): string {
  return queue_id === null ? '' : `; queue id ${queue_id}`
}

function next({ next_attempt_at }: RecipientFacts): string {
  return next_attempt_at === null ? 'waiting for the relay' : `next try at ${next_attempt_at}`
}

/** The relay's own words where it said some; else what its routes did; else the word of the log. */
function reason(facts: RecipientFacts, last: AttemptRecord | undefined, host: string): string {
  if (facts.reply) {
    const { code, enhanced, text, command } = facts.reply
    const said = [code, enhanced, oneLine(text)].filter((part) => part).join(' ')
    return `${host} answered "${said}" to ${COMMAND_WORDS[command] ?? command}`
  }
  const troubles = routeTroubles(last)
  if (troubles.length > 0) return `${host}: ${listed(troubles)}`
  const words = facts.code ? outcomeWords(facts.code) : undefined
  return words ? `${host} ${words}` : `${host} could not take it now`
}

const COMMAND_WORDS: Record<string, string> = {
  CONNECT: 'the connection',
  DATA_END: 'the message',
}

function lastTrouble(facts: RecipientFacts, last: AttemptRecord | undefined, host: string): string {
  return facts.reply || facts.code || last ? `; last, ${reason(facts, last, host)}` : ''
}

/** MessageDocument without its summary, as far as it matters here. */
export interface MessageFacts {
  status: string
  send_at: string | null
  recipients: readonly (RecipientFacts & { summary: string })[]
}

export function messageSummary({ status, send_at, recipients }: MessageFacts): string {
  if (status === 'scheduled') return `Scheduled for ${send_at}.`
  const first = recipients[0]
  if (status === 'sending') return 'Being sent now.'
  if (!first) return 'It has no recipients.'
  if (recipients.length === 1) return first.summary
  if (recipients.every(({ summary }) => summary === first.summary)) {
    return `${recipients.length} recipients: ${first.summary}`
  }
  const counts = new Map<RecipientState, number>()
  for (const { state } of recipients) counts.set(state, (counts.get(state) ?? 0) + 1)
  const tally = [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
  const worst = recipients.toSorted((a, b) => rank(a.state) - rank(b.state))[0] ?? first
  return `${tally}. ${worst.address}: ${worst.summary}`
}

/** What a person wants to hear about first. */
const BY_CONCERN: readonly RecipientState[] = [
  'unknown',
  'bounced',
  'expired',
  'deferred',
  'suppressed',
  'canceled',
  'queued',
  'relayed',
  'delivered',
]

function rank(state: RecipientState): number {
  return BY_CONCERN.indexOf(state)
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
