/** Schemas as tables: a row for each field, with its type, whether it is needed, its bounds and what it is about. */

import { escapeHtml } from '../../src/http/page.ts'
import { inline } from './markdown.ts'
import { nameOf, type Schema, type Spec } from './spec.ts'

/** A schema's own description, table of fields or list of shapes, under an anchor of its name. */
export function schemaHtml(spec: Spec, name: string, schema: Schema): string {
  const about = schema.description ? `\n<p>${inline(schema.description)}</p>` : ''
  const shape = schema.properties ? fieldsTable(spec, schema) : `<p>${typeHtml(schema)}</p>`
  return `<section id="${name}">\n<h3>${name}</h3>${about}\n${shape}\n</section>`
}

/** Schemas that are worth a section: those with fields. Others are told where they are used. */
export function hasFields(schema: Schema | undefined): boolean {
  return schema?.properties !== undefined
}

function fieldsTable(spec: Spec, schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const needed = schema.required?.includes(name) ? ' <span class="dim">needed</span>' : ''
    return `<tr><td><code>${escapeHtml(name)}</code>${needed}</td><td>${fieldHtml(spec, field)}</td></tr>`
  })
  return `<table>\n${rows.join('\n')}\n</table>`
}

/** Type, bounds and description of a field or parameter. */
export function fieldHtml(spec: Spec, field: Schema): string {
  const target = field.$ref ? spec.components.schemas[nameOf(field.$ref)] : undefined
  // A named schema with fields is linked; one without is shown in place.
  const shown = target && !hasFields(target) ? { ...target, ...withoutRef(field) } : field
  const about = shown.description ?? ''
  const nested = shown.properties ? `\n${fieldsTable(spec, shown)}` : ''
  const type = `<span class="dim">${typeHtml(shown)}${boundsOf(shown)}</span>`
  return `${about ? `<p>${inline(about)}</p>` : ''}${type}${nested}`
}

function withoutRef({ $ref: _, ...rest }: Schema): Schema {
  return rest
}

function typeHtml(schema: Schema): string {
  if (schema.$ref) {
    const name = nameOf(schema.$ref)
    return `<a href="#${name}">${name}</a>`
  }
  if (schema.anyOf && !schema.properties) return schema.anyOf.map(typeHtml).join(' or ')
  if (schema.enum) {
    return schema.enum.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(', ')
  }
  if (schema.items) return `array of ${typeHtml(schema.items)}${nullable(schema)}`
  if (typeof schema.additionalProperties === 'object') {
    return `object of ${typeHtml(schema.additionalProperties)}`
  }
  if (schema.format === 'date-time') return `time${nullable(schema)}`
  return [schema.type ?? 'any'].flat().join(' or ')
}

function nullable(schema: Schema): string {
  return Array.isArray(schema.type) && schema.type.includes('null') ? ' or null' : ''
}

function boundsOf(schema: Schema): string {
  const bounds = [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' entries'),
    schema.default === undefined ? '' : `${JSON.stringify(schema.default)} where left out`,
  ].filter((text) => text !== '')
  return bounds.length > 0 ? `, ${bounds.join(', ')}` : ''
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  if (from !== undefined && to !== undefined) return `${from} to ${to}${unit}`
  if (from !== undefined) return `at least ${from}${unit}`
  return to !== undefined ? `at most ${to}${unit}` : ''
}
