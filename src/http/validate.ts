/** Checks a value against a generated schema and says everything that is wrong with it, each with a pointer and a code. */

import type * as z from 'zod/mini'
import { type AnyCode, invalidRequest, type Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import { listed } from '../domain/listed.ts'
import { unknownField } from './nearest.ts'
import { fieldsAt } from './schema-fields.ts'
import { formatMessage } from './validate-formats.ts'

export type Schema<T> = z.ZodMiniType<T>
type Issue = z.core.$ZodIssue
type Path = PropertyKey[]

/** The value as the schema's type. Throws `request.invalid` with all violations. */
export function validate<T>(schema: Schema<T>, value: unknown, at = ''): T {
  const checked = check(schema, value)
  if (!('violations' in checked)) return checked.value
  const violations = checked.violations.map((one) => ({ ...one, pointer: at + one.pointer }))
  throw invalidRequest(violations)
}

export function check<T>(
  schema: Schema<T>,
  value: unknown,
): { value: T } | { violations: Violation[] } {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  const reader = new IssueReader(schema, value)
  const violations: Violation[] = []
  for (const issue of result.error.issues) {
    violations.push(...reader.violations(issue, []))
    if (violations.length >= MAX_VIOLATIONS) break
  }
  return { violations: violations.slice(0, MAX_VIOLATIONS) }
}

/** Nobody mends more at once, and each unknown field costs a search for the nearest one. */
const MAX_VIOLATIONS = 50

class IssueReader {
  readonly #schema: Schema<unknown>
  readonly #value: unknown

  constructor(schema: Schema<unknown>, value: unknown) {
    this.#schema = schema
    this.#value = value
  }

  violations(issue: Issue, base: Path): Violation[] {
    const path = [...base, ...issue.path]
    const say = (code: AnyCode, message: string): Violation[] => [
      { pointer: jsonPointer(path), code, message },
    ]
    const value = this.#at(path)
    if (value === undefined && path.length > 0) {
      return say('field.required', `The field "${String(path.at(-1))}" is needed.`)
    }
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.slice(0, MAX_VIOLATIONS).map((key) => ({
          pointer: jsonPointer([...path, key]),
          ...unknownField(key, fieldsAt(this.#schema, path)),
        }))
      case 'invalid_union':
        return this.#union(issue, path)
      case 'invalid_type':
        if (issue.expected === 'int') return say('field.wrong_type', 'Give a whole number.')
        return say('field.wrong_type', `Give ${article(issue.expected)}, not ${typeName(value)}.`)
      case 'invalid_value':
        return say('field.not_allowed', `Give one of ${issue.values.map(quoted).join(', ')}.`)
      case 'invalid_format':
        return say('field.format', formatMessage(issue.format))
      case 'too_big':
        return say(...tooBig(issue.origin, issue.maximum))
      case 'too_small':
        return say(...tooSmall(issue.origin, issue.minimum))
      default:
        return say('field.format', 'The value is not valid.')
    }
  }

  /** The branch that the value's type chooses speaks; where there is none, the types that would do. */
  #union(issue: Issue & { code: 'invalid_union' }, path: Path): Violation[] {
    const isTypeOfAll = (one: Issue) => one.code === 'invalid_type' && one.path.length === 0
    const chosen = issue.errors.find((issues) => !issues.some(isTypeOfAll))
    if (chosen) return chosen.flatMap((one) => this.violations(one, path))
    const expected = issue.errors.flatMap((issues) =>
      issues.flatMap((one) => (one.code === 'invalid_type' ? [article(one.expected)] : [])),
    )
    const message = `Give ${listed([...new Set(expected)], 'or')}, not ${typeName(this.#at(path))}.`
    return [{ pointer: jsonPointer(path), code: 'field.wrong_type', message }]
  }

  #at(path: Path): unknown {
    let value = this.#value
    for (const part of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
        return undefined
      value = (value as Record<PropertyKey, unknown>)[part]
    }
    return value
  }
}

const quoted = (value: unknown): string => JSON.stringify(value) ?? String(value)

function article(type: string): string {
  const names: Record<string, string> = {
    array: 'an array',
    object: 'an object',
    record: 'an object',
    int: 'a whole number',
    boolean: 'true or false',
    null: 'null',
  }
  return names[type] ?? `a ${type}`
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'boolean' ? String(value) : article(typeof value)
}

type Finding = [code: AnyCode, message: string]

function tooBig(origin: string, limit: number | bigint): Finding {
  if (origin === 'string') return ['field.too_long', `Give at most ${limit} characters.`]
  if (origin === 'array') return ['field.too_many', `Give at most ${limit} entries.`]
  return ['field.too_large', `Give ${limit} at most.`]
}

function tooSmall(origin: string, limit: number | bigint): Finding {
  if (origin === 'string') {
    const message = limit === 1 ? 'The text is empty.' : `Give at least ${limit} characters.`
    return ['field.too_short', message]
  }
  if (origin === 'array') return ['field.too_few', `Give at least ${limit} entries.`]
  return ['field.too_small', `Give ${limit} at least.`]
}
