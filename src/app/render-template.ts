/** A stored template and data become the fields of a submission, or faults that say where. Nothing is stored or sent. */

import type { Violation } from '../domain/errors.ts'
import {
  type RenderedTemplate,
  type StoredTemplate,
  TemplateError,
  type TemplateFault,
} from '../domain/template.ts'
import { checkHeaders, checkSubject } from '../mime/check-submission.ts'
import type { TemplateEngine } from '../ports/template-engine.ts'
import type { TemplateStore } from '../ports/template-store.ts'
import { checkText } from './submission-text.ts'
import { Violations } from './violations.ts'

export interface TemplateDeps {
  templates: TemplateStore
  templateEngine: TemplateEngine
}

export type RenderResult =
  | { rendered: RenderedTemplate; faults?: never }
  | { faults: TemplateFault[]; rendered?: never }

const MAX_DATA_OCTETS = 1_048_576
const MAX_SUBJECT = 998

export async function renderTemplate(
  { templates, templateEngine }: TemplateDeps,
  template: StoredTemplate,
  data: Record<string, unknown>,
): Promise<RenderResult> {
  const octets = new TextEncoder().encode(JSON.stringify(data)).length
  if (octets > MAX_DATA_OCTETS) {
    const message = `the data has ${octets} octets as JSON, at most ${MAX_DATA_OCTETS}`
    return { faults: [faultOf(template, '', 'template.limit', message)] }
  }
  try {
    const raw = await templateEngine.render(template, data, (id) => templates.get(id))
    const rendered = trimmed(raw)
    const faults = unsendable(rendered).map(({ pointer, message }) =>
      faultOf(template, pointer, 'template.output', message),
    )
    return faults.length > 0 ? { faults } : { rendered }
  } catch (error) {
    if (error instanceof TemplateError) return { faults: error.faults }
    throw error
  }
}

/** Blanks around a subject or a header value come from how the template is laid out; an empty header is none. */
function trimmed({ subject, headers, ...content }: RenderedTemplate): RenderedTemplate {
  const values = Object.entries(headers).map(([name, value]) => [name, value.trim()] as const)
  return {
    ...content,
    subject: subject?.trim() ?? null,
    headers: Object.fromEntries(values.filter(([, value]) => value !== '')),
  }
}

/** No value may break out of its header, and none may take the place of one that is written here. */
function unsendable({ subject, headers, text, html }: RenderedTemplate): Violation[] {
  const found = new Violations()
  checkText(found, { subject, headers, text, html })
  found.addAll(checkSubject(subject ?? ''))
  found.addAll(checkHeaders(Object.entries(headers)))
  if ((subject?.length ?? 0) > MAX_SUBJECT) {
    found.add('/subject', 'template.output', `is longer than ${MAX_SUBJECT} characters`)
  }
  return found.list
}

function faultOf(
  { id }: StoredTemplate,
  part: string,
  code: TemplateFault['code'],
  message: string,
): TemplateFault {
  return { code, message, template: id, part, line: null, column: null }
}

/** A fault as one of a request's violations. */
export function violationOf(fault: TemplateFault, pointer: string): Violation {
  const { code, message, template, part, line, column } = fault
  const place = line === null ? [] : [`line ${line}`, `column ${column}`]
  const where = [template, part.slice(1), ...place].filter((one) => one !== '').join(', ')
  return { pointer, code, message: `${where}: ${message}`, template, part, line, column }
}
