/** The rules of a trigger over one call: which hold, and the mails they make. Nothing is sent or stored. */

import type { CallScope } from '../domain/call.ts'
import type { Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { StoredTrigger, TriggerRule } from '../domain/trigger.ts'
import { type Planned, planMail } from './plan-mail.ts'
import type { TemplateDeps } from './render-template.ts'
import type { MessageRequest } from './submission-request.ts'
import { evaluate } from './trigger-expression.ts'

/** Characters of all mails of a call, which are in memory together. */
const MOST_TEXT = 8_388_608

interface MadeMail {
  rule: string
  /** From 1, in a list that the rule goes through; else null. */
  number: number | null
  /** Where the mail stands in the trigger. */
  at: string
}

export type PlannedMail = MadeMail & Planned
export type SoundMail = MadeMail & { request: MessageRequest }

export interface Evaluation {
  /** Names of the rules that hold, in order. */
  rules: string[]
  mails: PlannedMail[]
  left_out: number
}

export async function evaluateTrigger(
  deps: TemplateDeps,
  trigger: StoredTrigger,
  scope: CallScope,
): Promise<Evaluation> {
  const found: Evaluation = { rules: [], mails: [], left_out: 0 }
  for (const [index, rule] of trigger.rules.entries()) {
    const at = jsonPointer(['rules', index])
    const fail = (violations: Violation[]) =>
      found.mails.push({ rule: rule.name, number: null, at, violations })
    const holds = await evaluate(deps, rule.when, scope, `${at}/when`)
    if ('violations' in holds) fail(holds.violations)
    else if (rule.when !== null && (holds.value === null || holds.value === false)) continue
    else {
      found.rules.push(rule.name)
      await addMails(deps, trigger, rule, scope, { at, fail, found })
    }
    if (trigger.match === 'first') break
  }
  return found
}

async function addMails(
  deps: TemplateDeps,
  trigger: StoredTrigger,
  rule: TriggerRule,
  scope: CallScope,
  to: { at: string; fail(violations: Violation[]): void; found: Evaluation },
): Promise<void> {
  const { at, found } = to
  const room = () => found.mails.length < trigger.max_mails
  const add = async (number: number | null, seen: CallScope) => {
    if (!room()) found.left_out++
    else {
      const planned = await planMail(deps, trigger, rule, seen, `${at}/then`)
      if (lengthOf(planned) + found.mails.reduce((sum, one) => sum + lengthOf(one), 0) > MOST_TEXT)
        return to.fail([tooMuchText(`${at}/then`)])
      found.mails.push({ rule: rule.name, number, at: `${at}/then`, ...planned })
    }
  }
  if (rule.each === null) return await add(null, scope)
  const list = await evaluate(deps, rule.each, scope, `${at}/each`)
  if ('violations' in list) return to.fail(list.violations)
  if (list.value === null) return
  if (!Array.isArray(list.value)) {
    const message = 'what the expression comes to is no list'
    return to.fail([{ pointer: `${at}/each`, code: 'trigger.each', message }])
  }
  for (const [index, item] of list.value.entries()) {
    await add(index + 1, { ...scope, item, index: index + 1 })
  }
}

function lengthOf(mail: Planned): number {
  if ('violations' in mail) return 0
  const { subject = '', text = '', html = '' } = mail.request
  return subject.length + text.length + html.length
}

function tooMuchText(pointer: string): Violation {
  const message = `the mails of a call have more than ${MOST_TEXT.toLocaleString('en-US')} characters`
  return { pointer, code: 'template.limit', message }
}
