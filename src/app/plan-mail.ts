/** The mail that a rule makes of a call: everything rendered, and nobody mailed whom the trigger may not mail. */

import { AddressError, parseMailbox } from '../domain/address.ts'
import { matchesAnyAddress } from '../domain/address-pattern.ts'
import type { CallScope } from '../domain/call.ts'
import type { Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { Mailbox } from '../domain/submission.ts'
import { type RenderedTemplate, TemplateError } from '../domain/template.ts'
import {
  isLiquid,
  type StoredTrigger,
  type TriggerMail,
  type TriggerRule,
} from '../domain/trigger.ts'
import type { TemplateDeps } from './render-template.ts'
import type { MessageRequest } from './submission-request.ts'
import { evaluate } from './trigger-expression.ts'
import { faultIn, renderedText, ruleTemplate } from './trigger-template.ts'
import { Violations } from './violations.ts'

export type Planned = { request: MessageRequest } | { violations: Violation[] }

const MOST_SUBJECT = 900
const MOST_TAG = 256

export async function planMail(
  deps: TemplateDeps,
  trigger: StoredTrigger,
  rule: TriggerRule,
  scope: CallScope,
  at: string,
): Promise<Planned> {
  const violations = new Violations()
  const rendered = await renderRule(deps, rule, scope, at, violations)
  const data = await templateData(deps, rule.then, scope, at, violations)
  if (!rendered || violations.any) return { violations: violations.list }
  const request = requestOf(trigger, rule.then, rendered, at, violations)
  if (violations.any) return { violations: violations.list }
  const { template } = rule.then
  return { request: { ...request, ...(template && { template: { ...template, data } }) } }
}

async function renderRule(
  { templates, templateEngine }: TemplateDeps,
  rule: TriggerRule,
  scope: CallScope,
  at: string,
  violations: Violations,
): Promise<RenderedTemplate | undefined> {
  try {
    return await templateEngine.render(ruleTemplate(rule), scope, (id) => templates.get(id))
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    violations.list.push(...error.faults.map((fault) => faultIn(at, fault)))
    return undefined
  }
}

async function templateData(
  deps: TemplateDeps,
  { template }: TriggerMail,
  scope: CallScope,
  at: string,
  violations: Violations,
): Promise<Record<string, unknown>> {
  if (!template?.data) return scope
  const data: [string, unknown][] = []
  for (const [name, expression] of Object.entries(template.data)) {
    const pointer = at + jsonPointer(['template', 'data', name])
    const found = await evaluate(deps, expression, scope, pointer)
    if ('violations' in found) violations.list.push(...found.violations)
    else data.push([name, found.value])
  }
  return Object.fromEntries(data)
}

function requestOf(
  trigger: StoredTrigger,
  mail: TriggerMail,
  rendered: RenderedTemplate,
  at: string,
  violations: Violations,
): MessageRequest {
  const mailboxes = (list: 'to' | 'cc' | 'bcc' | 'reply_to') => {
    const read = readMailboxes(trigger, mail, rendered, list, at, violations)
    return read.length === 0 ? {} : { [list]: read }
  }
  const lines = (map: 'headers' | 'tags', most: number) =>
    Object.entries(mail[map] ?? {}).flatMap(([name, text]) => {
      const line = cut(oneLine(renderedText(rendered, [map, name], text)), most)
      return line === '' ? [] : [[name, line]]
    })
  const { subject, text, html } = rendered
  const { encryption, relay, priority } = mail
  return {
    from: trigger.from,
    ...mailboxes('to'),
    ...mailboxes('cc'),
    ...mailboxes('bcc'),
    ...mailboxes('reply_to'),
    ...(subject !== null && { subject: cut(oneLine(subject), MOST_SUBJECT) }),
    ...(text !== null && { text }),
    ...(html !== null && { html }),
    headers: Object.fromEntries(lines('headers', MOST_SUBJECT)),
    tags: Object.fromEntries(lines('tags', MOST_TAG)),
    ...(encryption && { encryption }),
    ...(relay !== undefined && { relay }),
    ...(priority && { priority }),
    auto_submitted: 'auto-generated',
  }
}

/** One text is one mailbox. Whoever is to be mailed because a call says so has to be one of those the trigger may mail. */
function readMailboxes(
  trigger: StoredTrigger,
  mail: TriggerMail,
  rendered: RenderedTemplate,
  list: 'to' | 'cc' | 'bcc' | 'reply_to',
  at: string,
  violations: Violations,
): Mailbox[] {
  return (mail[list] ?? []).flatMap((source, index) => {
    const text = renderedText(rendered, [list, index], source).trim()
    const pointer = at + jsonPointer([list, index])
    if (text === '') return []
    try {
      const mailbox = parseMailbox(text)
      if (list !== 'reply_to' && isLiquid(source) && !mayMail(trigger, mailbox)) {
        const message = 'what it comes to is nobody whom the trigger may mail: see its recipients'
        violations.add(pointer, 'recipient.not_allowed', message)
      }
      return [mailbox]
    } catch (error) {
      if (!(error instanceof AddressError)) throw error
      violations.add(pointer, 'address.invalid', error.message)
      return []
    }
  })
}

function mayMail({ recipients }: StoredTrigger, { address }: Mailbox): boolean {
  return matchesAnyAddress(recipients, address)
}

/** Blanks in the place of line breaks and of all that no header may hold. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/\p{Surrogate}$/u, '')}…`
}
