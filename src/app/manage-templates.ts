/** Templates: each change is a new version. They are everybody's, so that only keys without bindings manage them. */

import { type Bound, isUnbound } from '../domain/binding.ts'
import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { RenderedTemplate, StoredTemplate, TemplateSource } from '../domain/template.ts'
import { checkHeaders } from '../mime/check-submission.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import { renderTemplate, type TemplateDeps, violationOf } from './render-template.ts'

export interface TemplateWork extends TemplateDeps {
  clock: Clock
}

/** Fields of a request; what is left out, the template doesn't say. */
export interface TemplateRequest {
  subject?: string
  text?: string
  html?: string
  headers?: Record<string, string>
  sample?: Record<string, unknown>
}

export interface TemplateDocument extends Omit<StoredTemplate, 'created_at'> {
  created_at: string
  versions: { version: number; created_at: string }[]
}

type Content = Omit<StoredTemplate, 'id' | 'version' | 'created_at'>

const MAX_HEADERS = 50
/** A row of D1 holds 2 MB. */
const MAX_OCTETS = 1_048_576

/**
 * Creates or replaces; the same request again makes no version.
 * @throws PosternError `auth.binding`, `request.invalid`, `template.conflict`
 */
export async function putTemplate(
  work: TemplateWork,
  caller: Bound,
  id: string,
  request: TemplateRequest,
): Promise<{ template: StoredTemplate; created: boolean }> {
  assertMayManage(caller)
  const content: Content = {
    subject: request.subject ?? null,
    text: request.text ?? null,
    html: request.html ?? null,
    headers: request.headers ?? {},
    sample: request.sample ?? {},
  }
  await assertSound(work, id, content)
  const newest = await work.templates.get(id, undefined, { fresh: true })
  if (newest && sameContent(newest, content)) return { template: newest, created: false }
  const version = (newest?.version ?? 0) + 1
  const template = { id, version, ...content, created_at: work.clock.now() }
  if (!(await work.templates.add(template))) {
    throw new PosternError('template.conflict', 'read the template again and repeat the change')
  }
  return { template, created: newest === null }
}

/** @throws PosternError `auth.binding`, `template.not_found` */
export async function findTemplate(
  work: TemplateDeps,
  caller: Bound,
  id: string,
  version?: number,
): Promise<StoredTemplate> {
  assertMayManage(caller)
  return await stored(work, id, version)
}

export async function listTemplates(work: TemplateDeps, caller: Bound) {
  assertMayManage(caller)
  const entries = await work.templates.list()
  return entries.map(({ created_at, updated_at, ...entry }) => ({
    ...entry,
    created_at: rfc3339(created_at),
    updated_at: rfc3339(updated_at),
  }))
}

/** With all its versions. @throws PosternError `auth.binding`, `template.not_found` */
export async function deleteTemplate(work: TemplateDeps, caller: Bound, id: string): Promise<void> {
  assertMayManage(caller)
  if (!(await work.templates.delete(id))) throw notFound()
}

export async function templateDocument(
  work: TemplateDeps,
  { created_at, ...template }: StoredTemplate,
): Promise<TemplateDocument> {
  const versions = await work.templates.versions(template.id)
  return {
    ...template,
    created_at: rfc3339(created_at),
    versions: versions.map((one) => ({ ...one, created_at: rfc3339(one.created_at) })),
  }
}

/** What a message made from it would say; with its sample where there is no data. @throws PosternError `template.not_found`, `request.invalid` */
export async function previewTemplate(
  work: TemplateDeps,
  id: string,
  { data, version }: { data?: Record<string, unknown>; version?: number },
): Promise<RenderedTemplate & { id: string; version: number }> {
  const template = await stored(work, id, version)
  const { rendered, faults } = await renderTemplate(work, template, data ?? template.sample)
  if (!rendered) throw invalidRequest(faults.map((fault) => violationOf(fault, '/data')))
  return { id, version: template.version, ...rendered }
}

async function stored(
  { templates }: TemplateDeps,
  id: string,
  version: number | undefined,
): Promise<StoredTemplate> {
  const template = await templates.get(id, version, { fresh: true })
  if (!template) throw notFound()
  return template
}

function notFound(): PosternError {
  return new PosternError('template.not_found', 'there is no template of this name and version')
}

async function assertSound(
  { templateEngine }: TemplateDeps,
  id: string,
  content: Content,
): Promise<void> {
  const violations: Violation[] = []
  const add = (
    pointer: string,
    code: 'template.empty' | 'field.too_many' | 'template.limit',
    message: string,
  ) => violations.push({ pointer, code, message })
  const { subject, text, html, headers } = content
  const names = Object.keys(headers)
  if (subject === null && text === null && html === null && names.length === 0) {
    add('', 'template.empty', 'give at least one of subject, text, html and headers')
  }
  if (names.length > MAX_HEADERS) {
    add('/headers', 'field.too_many', `has ${names.length} headers, at most ${MAX_HEADERS}`)
  }
  const octets = new TextEncoder().encode(JSON.stringify(content)).length
  if (octets > MAX_OCTETS) {
    add('', 'template.limit', `the template has ${octets} octets as JSON, at most ${MAX_OCTETS}`)
  }
  violations.push(...checkHeaders(names.map((name) => [name, '-'])), ...twice(names))
  const faults = await templateEngine.check({ id, ...(content as TemplateSource) })
  violations.push(...faults.map((fault) => violationOf(fault, fault.part)))
  if (violations.length > 0) throw invalidRequest(violations)
}

/** Header field names are compared without case. */
function twice(names: string[]): Violation[] {
  const seen = new Set<string>()
  return names.flatMap((name) => {
    if (seen.size < seen.add(name.toLowerCase()).size) return []
    const message = 'stands there twice: header names are compared without case'
    return [{ pointer: jsonPointer(['headers', name]), code: 'field.duplicate', message }]
  })
}

function sameContent(template: StoredTemplate, content: Content): boolean {
  const { id: _id, version: _version, created_at: _at, ...known } = template
  return Object.entries(content).every(
    ([name, value]) => JSON.stringify(known[name as keyof Content]) === JSON.stringify(value),
  )
}

function assertMayManage(caller: Bound): void {
  if (isUnbound(caller)) return
  throw new PosternError(
    'auth.binding',
    'templates are for all senders: a key without bindings has to manage them',
  )
}
