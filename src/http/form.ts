/** Form fields as the JSON they stand for (docs in openapi.yaml, `MessageForm`). */

import { type AnyCode, PosternError } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'

/** Repeat the field for several values; one value stays as it is. */
const MAILBOXES = new Set(['from', 'to', 'cc', 'bcc', 'reply_to'])
const LISTS = new Set(['references', 'notify'])
/** `tags[kind]=receipt`. */
const OBJECTS = new Set(['tags', 'headers', 'metadata', 'unsubscribe', 'encryption'])
/** Everything else in a form is text. */
const NUMBERS = new Set(['expires_in'])
const BOOLEANS = new Set(['unsubscribe[one_click]', 'require_tls'])

export type Field = [name: string, value: string]

/** Throws `request.malformed` where a field that has one value is repeated. */
export function messageFromForm(fields: Field[]): Record<string, unknown> {
  const message: Record<string, unknown> = {}
  for (const [name, text] of fields) {
    const value = typed(name, text)
    const { base, key } = split(name)
    if (MAILBOXES.has(base) || LISTS.has(base)) {
      const values = (message[base] ?? []) as unknown[]
      values.push(value)
      message[base] = values
    } else if (key !== undefined && OBJECTS.has(base)) {
      put(objectAt(message, base), key, value, [base, key])
    } else put(message, name, value, [name])
  }
  for (const name of MAILBOXES) {
    const values = message[name]
    if (Array.isArray(values) && values.length === 1) message[name] = values[0]
  }
  return message
}

/** `to[]` and `to[0]` are how PHP repeats a field. */
function split(name: string): { base: string; key?: string } {
  const match = /^([^[\]]+)\[([^[\]]*)\]$/.exec(name)
  return match ? { base: match[1] ?? '', key: match[2] ?? '' } : { base: name }
}

function typed(name: string, text: string): unknown {
  if (NUMBERS.has(name) && /^\d{1,15}$/.test(text)) return Number(text)
  if (BOOLEANS.has(name) && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** `tags=a` beside `tags[kind]=receipt` gives the field two values. */
function objectAt(message: Record<string, unknown>, base: string): Record<string, unknown> {
  message[base] ??= {}
  const object = message[base]
  if (typeof object === 'object') return object as Record<string, unknown>
  throw refused('field.duplicate', twice(base), [base])
}

function put(object: Record<string, unknown>, key: string, value: unknown, path: string[]): void {
  if (Object.hasOwn(object, key)) throw refused('field.duplicate', twice(key), path)
  if (key === '__proto__') {
    throw refused('field.forbidden', 'The field "__proto__" is refused.', path)
  }
  object[key] = value
}

function twice(name: string): string {
  return `The field "${name.slice(0, 80)}" stands there twice and takes one value.`
}

function refused(code: AnyCode, message: string, path: string[]): PosternError {
  const violations = [{ pointer: jsonPointer(path), code, message }]
  return new PosternError('request.malformed', message, { violations })
}
