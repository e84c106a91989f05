/**
 * Reads a trigger as an operator writes it: defaults filled in, every expression and every piece of Liquid parsed, everything
 * that is wrong pointed at.
 */

import { jsonPointer } from '../domain/json-pointer.ts'
import { readAddressPatterns } from '../domain/read-address-pattern.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { readSource } from '../domain/source/read-source.ts'
import type { SourceConfig } from '../domain/source/source.ts'
import type { Mailbox } from '../domain/submission.ts'
import {
  isLiquid,
  RECIPIENT_LISTS,
  type TriggerContent,
  type TriggerMail,
  type TriggerRule,
} from '../domain/trigger.ts'
import type { TemplateDeps } from './render-template.ts'
import { checkSubmission } from './submission-check.ts'
import { checkAddressees } from './submission-envelope.ts'
import { checkPinnedRelay } from './submission-relays.ts'
import type { MailboxInput, MessageRequest } from './submission-request.ts'
import { checkOverlap, findTemplate } from './submission-template.ts'
import { faultIn, ruleTemplate } from './trigger-template.ts'
import { Violations } from './violations.ts'

type Texts = string | string[]

export interface RuleRequest {
  name?: string
  when?: string | null | undefined
  each?: string | null | undefined
  then: Omit<TriggerMail, 'to' | 'cc' | 'bcc' | 'reply_to'> & {
    to?: Texts
    cc?: Texts
    bcc?: Texts
    reply_to?: Texts
  }
}

export interface TriggerRequest
  extends Partial<Pick<TriggerContent, 'recipients' | 'match' | 'keep_bodies'>>,
    Partial<Pick<TriggerContent, 'max_body' | 'max_per_minute' | 'max_mails'>> {
  source: object
  secrets?: string[]
  from: MailboxInput
  rules: RuleRequest[]
}

/** What there is that a rule may name. */
export interface RuleFacts extends TemplateDeps {
  relays: StoredRelay[]
  maxRecipients: number
  now: number
}

const DEFAULTS = { max_body: 1_048_576, max_per_minute: 60, max_mails: 20 }

/** The result holds only where `violations` stays empty. */
export async function readTrigger(
  facts: RuleFacts,
  { source, secrets: _, rules, from, recipients, ...rest }: TriggerRequest,
  violations: Violations,
): Promise<TriggerContent | undefined> {
  const read = readSource(source, '/source', violations.list)
  const author = readAuthor(violations, from)
  const patterns = readRecipients(violations, recipients ?? [])
  const content: TriggerContent = {
    source: read as SourceConfig,
    from: author,
    recipients: patterns,
    match: 'first',
    rules: rules.map(ruleOf),
    ...DEFAULTS,
    keep_bodies: false,
    ...rest,
  }
  for (const [index, rule] of content.rules.entries()) {
    const at = jsonPointer(['rules', index])
    if (content.rules.findIndex(({ name }) => name === rule.name) < index) {
      violations.add(`${at}/name`, 'field.duplicate', 'another rule has this name')
    }
    await checkRule(facts, violations, content, rule, at)
  }
  return read && content
}

function ruleOf({ name, when, each, then }: RuleRequest, index: number): TriggerRule {
  const { to, cc, bcc, reply_to, ...mail } = then
  const lists = Object.entries({ to, cc, bcc, reply_to }).flatMap(([list, texts]) =>
    texts === undefined ? [] : [[list, [texts].flat()]],
  )
  return {
    name: name ?? `rule-${index + 1}`,
    when: when ?? null,
    each: each ?? null,
    then: { ...Object.fromEntries(lists), ...mail },
  }
}

function readAuthor(violations: Violations, from: MailboxInput): Mailbox {
  return checkAddressees(violations, { from, to: 'a@example.com' }, 1).from
}

/** The whole world is no list. */
function readRecipients(violations: Violations, recipients: string[]): string[] {
  const index = recipients.indexOf('*')
  if (index >= 0) {
    const message = 'give *@example.com or one address: a trigger must not mail everybody'
    violations.add(jsonPointer(['recipients', index]), 'pattern.invalid', message)
  }
  const form = 'give *@example.com or one address'
  return readAddressPatterns(recipients, '/recipients', violations.list, form)
}

async function checkRule(
  facts: RuleFacts,
  violations: Violations,
  content: TriggerContent,
  rule: TriggerRule,
  at: string,
): Promise<void> {
  const { when, each, then: mail } = rule
  const expressions = [
    [`${at}/when`, when],
    [`${at}/each`, each],
    ...Object.entries(mail.template?.data ?? {}).map(([name, expression]) => [
      at + jsonPointer(['then', 'template', 'data', name]),
      expression,
    ]),
  ]
  for (const [pointer, expression] of expressions) {
    if (typeof pointer !== 'string' || typeof expression !== 'string') continue
    const faults = await facts.templateEngine.checkExpression(expression)
    violations.list.push(...faults.map((fault) => faultIn(pointer, fault)))
  }
  const faults = await facts.templateEngine.check(ruleTemplate(rule))
  violations.list.push(...faults.map((fault) => faultIn(`${at}/then`, fault)))
  checkRecipients(violations, content, mail, at)
  const found = new Violations()
  await checkMail(facts, found, content, mail)
  violations.addAll(found.list.map((one) => ({ ...one, pointer: `${at}/then${one.pointer}` })))
}

/** Who is made from a call is mailed only where a list allows it, and by a form nobody is. */
function checkRecipients(
  violations: Violations,
  { source, recipients }: TriggerContent,
  mail: TriggerMail,
  at: string,
): void {
  for (const list of RECIPIENT_LISTS) {
    const index = (mail[list] ?? []).findIndex(isLiquid)
    if (index < 0) continue
    if (source?.type === 'form') {
      const message = 'whoever fills in a form may not say whom it mails: give an address'
      violations.add(at + jsonPointer(['then', list, index]), 'trigger.form', message)
    } else if (recipients.length === 0 && !violations.at('/recipients')) {
      const message =
        'a recipient comes from the call: list whom the trigger may mail, such as *@example.com'
      violations.add('/recipients', 'trigger.open', message)
    }
  }
}

/** As a message of it will be checked, with something sound in the place of all Liquid. */
async function checkMail(
  facts: RuleFacts,
  violations: Violations,
  { from }: TriggerContent,
  mail: TriggerMail,
): Promise<void> {
  const { template, encryption, relay, priority } = mail
  const request: MessageRequest = {
    from: from.address === '' ? 'a@example.com' : from,
    ...standIns(mail),
    ...(mail.subject !== undefined && { subject: '-' }),
    ...(mail.html !== undefined && { html: '-' }),
    ...((mail.text !== undefined || template) && { text: '-' }),
    encryption,
    relay,
    priority,
  }
  const { now, maxRecipients, relays } = facts
  const { terms } = checkSubmission(violations, request, [], { now, maxRecipients, template: null })
  checkPinnedRelay(violations, {
    relays,
    submitter: { key: null },
    from: from.address,
    pinned: terms.relay,
  })
  if (!template) return
  const stored = await findTemplate(facts, violations, template)
  const { text: _, ...said } = request
  if (stored) checkOverlap(violations, mail.text === undefined ? said : request, stored)
}

function standIns(mail: TriggerMail): Omit<MessageRequest, 'from'> {
  const list = (name: 'to' | 'cc' | 'bcc' | 'reply_to') =>
    mail[name]?.map((text, index) => (isLiquid(text) ? `${name}-${index}@example.com` : text))
  const map = (texts: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, isLiquid(text) ? '-' : text]),
    )
  return {
    to: list('to'),
    cc: list('cc'),
    bcc: list('bcc'),
    reply_to: list('reply_to'),
    headers: map(mail.headers),
    tags: map(mail.tags),
  }
}
