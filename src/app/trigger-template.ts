/** All Liquid of one rule as one template, so that what a mail takes is counted together. */

import type { Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { TemplateFault } from '../domain/template.ts'
import type { TriggerMail, TriggerRule } from '../domain/trigger.ts'
import { isLiquid, RECIPIENT_LISTS } from '../domain/trigger.ts'
import type { NamedTemplate } from '../ports/template-engine.ts'
import { violationOf } from './render-template.ts'

/** What it is called where it speaks of itself: no template can have this name. */
const NAMELESS = ''

const made = new WeakMap<TriggerMail, NamedTemplate>()

/** Every text that isn't a part of a template by its own name is a header named by its pointer. */
export function ruleTemplate({ then: mail }: Pick<TriggerRule, 'then'>): NamedTemplate {
  const known = made.get(mail)
  if (known) return known
  const headers: Record<string, string> = {}
  const add = (path: (string | number)[], text: string) => {
    if (isLiquid(text)) headers[jsonPointer(path)] = text
  }
  for (const list of [...RECIPIENT_LISTS, 'reply_to'] as const) {
    for (const [index, text] of (mail[list] ?? []).entries()) add([list, index], text)
  }
  for (const map of ['headers', 'tags'] as const) {
    for (const [name, text] of Object.entries(mail[map] ?? {})) add([map, name], text)
  }
  const { subject = null, text = null, html = null } = mail
  const template = { id: NAMELESS, subject, text, html, headers }
  made.set(mail, template)
  return template
}

/** What stands at a pointer after rendering; what is no Liquid stands there as it is. */
export function renderedText(
  rendered: { headers: Record<string, string> },
  path: (string | number)[],
  text: string,
): string {
  return isLiquid(text) ? (rendered.headers[jsonPointer(path)] ?? '') : text
}

/** A fault of a rule's Liquid, pointed at where it stands in the trigger; one of a template says which. */
export function faultIn(at: string, fault: TemplateFault): Violation {
  const { code, message, template, part, line, column } = fault
  if (template !== NAMELESS) return violationOf(fault, at)
  const header = /^\/headers\/(.*)$/.exec(part)?.[1]
  const here = header?.replaceAll('~1', '/').replaceAll('~0', '~') ?? part
  const place = line === null ? '' : `line ${line}, column ${column}: `
  return { pointer: at + here, code, message: place + message, line, column }
}
