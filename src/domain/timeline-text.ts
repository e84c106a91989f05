/** A message's timeline as lines of text: what `curl -H 'Accept: text/plain'` shows. */

import type { AttemptRecord, SessionRecord, StepRecord } from './attempt.ts'
import type { Event } from './event.ts'
import type { Reply } from './reply.ts'
import type { RecipientState } from './states.ts'

/** MessageDocument (ports/outbox.ts), as far as it is shown. */
export interface Timeline {
  id: string
  status: string
  summary: string
  message_id: string
  sender: string
  size: number
  created_at: string
  expires_at: string
  recipients: readonly {
    address: string
    state: RecipientState
    summary: string
    protection?: { protection: string; protocol: string | null; key: string | null } | null
  }[]
  attempts: readonly AttemptRecord[]
  events: readonly Event[]
}

/** Ends with a line feed. Nothing a relay or client said can begin a line of its own. */
export function timelineText(timeline: Timeline): string {
  const { id, status, summary, message_id, sender, size, recipients } = timeline
  const inCopies = timeline.attempts.some(({ copy }) => copy > 0)
  const entries = [
    ...timeline.events.map((event) => ({ at: event.timestamp, lines: eventLines(event) })),
    ...timeline.attempts.map((attempt) => ({
      at: attempt.started_at,
      lines: attemptLines(attempt, inCopies),
    })),
  ].toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))
  const lines = [
    `${id}  ${status}`,
    summary,
    '',
    `Message-ID ${message_id}, ${size} octets, from <${sender}>, expires ${timeline.expires_at}`,
    ...recipients.map((one) => {
      const served = one.protection ? `  ${protectionText(one.protection)}` : ''
      return `to <${one.address}>  ${one.state}${served}  ${one.summary}`
    }),
    '',
    ...entries.flatMap((entry) => entry.lines),
  ]
  return `${lines.map(oneLine).join('\n')}\n`
}

function protectionText({ protection, protocol, key }: ProtectionFacts): string {
  if (protection === 'none') return 'not protected'
  return `${protection} (${[protocol, key && `key ${key}`].filter(Boolean).join(', ')})`
}

type ProtectionFacts = NonNullable<Timeline['recipients'][number]['protection']>

function eventLines({ timestamp, type, data }: Event): string[] {
  const told = Object.entries(data)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name}=${value}`)
  return [[timestamp, type, ...told].join('  '), ...servedOf(data).map(servedLine)]
}

/** What the event `message.accepted` says of each recipient, where anybody asked for protection. */
interface Served extends ProtectionFacts {
  recipient: string
  /** Null where nothing is sent to it. */
  copy: number | null
  code: string | null
  reason: string | null
}

const servedOf = ({ protection }: Event['data']): Served[] =>
  Array.isArray(protection) ? protection : []

function servedLine({ recipient, copy, code, reason, ...facts }: Served): string {
  const parts = [
    `  <${recipient}>`,
    copy === null ? 'nothing is sent' : `copy ${copy}`,
    protectionText(facts),
    code === null ? '' : `${code}: ${reason}`,
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function attemptLines(attempt: AttemptRecord, inCopies: boolean): string[] {
  const { started_at, relay, host, duration_ms, decision, next_attempt_at } = attempt
  return [
    `${started_at}  attempt ${attempt.attempt}${inCopies ? `  copy ${attempt.copy}` : ''}  ${relay} (${host})  ${decision}  ${duration_ms} ms` +
      (attempt.may_duplicate ? '  may be a duplicate' : '') +
      (next_attempt_at === null ? '' : `  next at ${next_attempt_at}`),
    ...attempt.sessions.flatMap(sessionLines),
    ...attempt.recipients.map(
      ({ address, state, reply, rule }) =>
        `  <${address}>  ${state}${rule === undefined ? '' : `  rule ${rule}`}` +
        (reply ? `  ${reply.command}: ${replyText(reply)}` : ''),
    ),
  ]
}

function sessionLines(session: SessionRecord): string[] {
  const { route, outcome, rule, duration_ms, warm, tls, auth, octets, steps } = session
  const facts = [
    `  ${route}`,
    outcome,
    rule === undefined ? '' : `rule ${rule}`,
    `${duration_ms} ms`,
    warm ? 'warm' : '',
    tls?.proven ? 'TLS proven' : '',
    auth ? `AUTH ${auth}` : '',
    octets === undefined ? '' : `${octets} octets`,
  ]
  return [facts.filter((fact) => fact !== '').join('  '), ...steps.map(stepLine)]
}

function stepLine({ step, ms, reply }: StepRecord): string {
  return `    ${step.padEnd(8)} ${`${ms} ms`.padStart(8)}${reply ? `  ${replyText(reply)}` : ''}`
}

function replyText({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter((part) => part !== undefined && part !== '').join(' ')
}

function oneLine(line: string): string {
  return line.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trimEnd()
}
