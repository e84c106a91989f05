/** `template` of a submission: rendered at once, and from then on its subject, text, html and headers are the request's. */

import { jsonPointer } from '../domain/json-pointer.ts'
import type { RenderedTemplate, StoredTemplate, TemplateUse } from '../domain/template.ts'
import { renderTemplate, type TemplateDeps, violationOf } from './render-template.ts'
import type { MessageRequest } from './submission-request.ts'
import type { Violations } from './violations.ts'

export interface FilledRequest {
  /** Without `template`. */
  request: MessageRequest
  /** The version that it was made from. */
  template: TemplateUse | null
}

/** Stands in for what could not be rendered, so that the other checks speak of nothing else. */
const UNRENDERED = { text: '-' }

export async function fillTemplate(
  deps: TemplateDeps,
  violations: Violations,
  { template: asked, ...request }: MessageRequest,
): Promise<FilledRequest> {
  if (!asked) return { request, template: null }
  const { id, data = {} } = asked
  const unfilled = { request: { ...UNRENDERED, ...request }, template: null }
  const template = await findTemplate(deps, violations, asked)
  if (!template) return unfilled
  checkOverlap(violations, request, template)
  const { rendered, faults } = await renderTemplate(deps, template, data)
  if (rendered) {
    const filled = { ...request, ...fields(rendered, request) }
    return { request: filled, template: { id, version: template.version } }
  }
  for (const fault of faults) violations.list.push(violationOf(fault, '/template'))
  return unfilled
}

/** Undefined, and a violation, where there is none. */
export async function findTemplate(
  deps: TemplateDeps,
  violations: Violations,
  { id, version }: { id: string; version?: number | undefined },
): Promise<StoredTemplate | undefined> {
  const template = await deps.templates.get(id, version)
  if (template) return template
  violations.add(...(await unknown(deps, id, version)))
  return undefined
}

async function unknown(
  { templates }: TemplateDeps,
  id: string,
  version: number | undefined,
): Promise<Parameters<Violations['add']>> {
  if (version !== undefined && (await templates.get(id))) {
    const message = `the template ${id} has no version ${version}`
    return ['/template/version', 'template.unknown', message]
  }
  return ['/template/id', 'template.unknown', `there is no template ${id}`]
}

/** What both say would be said by one of them only. */
export function checkOverlap(
  violations: Violations,
  request: MessageRequest,
  template: StoredTemplate,
): void {
  const refuse = (pointer: string, what: string) =>
    violations.add(pointer, 'template.overlap', `the template has ${what}: leave it out here`)
  if (request.subject !== undefined && template.subject !== null) refuse('/subject', 'a subject')
  if (request.text !== undefined && template.text !== null) refuse('/text', 'a text')
  if (request.html !== undefined && template.html !== null) refuse('/html', 'an html')
  const names = new Set(Object.keys(template.headers).map((name) => name.toLowerCase()))
  for (const name of Object.keys(request.headers ?? {})) {
    if (names.has(name.toLowerCase())) refuse(jsonPointer(['headers', name]), 'this header')
  }
}

function fields(
  { subject, text, html, headers }: RenderedTemplate,
  request: MessageRequest,
): Partial<MessageRequest> {
  return {
    ...(subject !== null && { subject }),
    ...(text !== null && { text }),
    ...(html !== null && { html }),
    headers: { ...request.headers, ...headers },
  }
}
