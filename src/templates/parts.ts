/** Parts of templates, parsed once for as long as the template is held, and the partials they name. */

import type { Template } from 'liquidjs'
import { TemplateError } from '../domain/template.ts'
import type { NamedTemplate } from '../ports/template-engine.ts'
import { fileName, LocatedError, locateSyntax } from './fault.ts'
import { LIMITS, LimitError } from './limits.ts'
import { type Partials, type PartKind, PartLiquid } from './liquid.ts'
import { CountedParser } from './parser.ts'

export const LIQUIDS: Record<PartKind, PartLiquid> = {
  html: new PartLiquid('html'),
  text: new PartLiquid('text'),
}

export interface Part {
  /** JSON Pointer into the template. */
  pointer: string
  kind: PartKind
  source: string
}

interface ParsedPart {
  templates: Template[]
  /** Names of templates that it renders. */
  partials: ReadonlySet<string>
}

const known = new WeakMap<NamedTemplate, Map<string, ParsedPart>>()

/** @throws LocatedError */
export function parsePart(template: NamedTemplate, { pointer, kind, source }: Part): ParsedPart {
  const parts = known.get(template) ?? new Map<string, ParsedPart>()
  known.set(template, parts)
  const earlier = parts.get(pointer)
  if (earlier) return earlier
  const file = fileName(template.id, pointer)
  const parser = new CountedParser(LIQUIDS[kind])
  try {
    const part = { templates: parser.parse(source, file), partials: parser.partials }
    parts.set(pointer, part)
    return part
  } catch (error) {
    throw locateSyntax(error, file)
  }
}

/**
 * Everything that the parts may render, and what that may render in turn. Of a partial HTML takes the html, everything
 * else its text.
 * @throws TemplateError where there are too many, or one can't be parsed
 */
export async function loadPartials(
  template: NamedTemplate,
  parts: Part[],
  load: (id: string) => Promise<NamedTemplate | null>,
): Promise<Record<PartKind, Partials>> {
  const loaded = new Map<string, NamedTemplate | null>()
  const found = { html: new Map(), text: new Map() }
  const open = parts.flatMap((part) => named(part.kind, parsePart(template, part)))
  for (const { kind, name } of open) {
    if (found[kind].has(name)) continue
    if (!loaded.has(name)) {
      if (loaded.size === LIMITS.partials) throw tooMany(template)
      loaded.set(name, await load(name))
    }
    const partial = loaded.get(name)
    const source = partial?.[kind]
    if (!partial || typeof source !== 'string') {
      const problem = partial
        ? `the template ${name} has no ${kind}`
        : `there is no template ${name}`
      found[kind].set(name, { problem })
      continue
    }
    const parsed = parsePartial(partial, { pointer: `/${kind}`, kind, source })
    found[kind].set(name, parsed.templates)
    open.push(...named(kind, parsed))
  }
  return found
}

function named(kind: PartKind, { partials }: ParsedPart): { kind: PartKind; name: string }[] {
  return [...partials].map((name) => ({ kind, name }))
}

function parsePartial(partial: NamedTemplate, part: Part): ParsedPart {
  try {
    return parsePart(partial, part)
  } catch (error) {
    throw error instanceof LocatedError ? new TemplateError([error.fault]) : error
  }
}

function tooMany({ id }: NamedTemplate): TemplateError {
  const { message } = new LimitError('partials')
  const nowhere = { part: '', line: null, column: null }
  return new TemplateError([{ code: 'template.limit', message, template: id, ...nowhere }])
}
