/** Query parameters, checked like a body: an unknown or repeated one is refused, never ignored. */

import { invalidRequest, type Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import { isNumeric } from './schema-fields.ts'
import { type Schema, validate } from './validate.ts'

/** Throws `request.invalid`; pointers begin with `/query`. */
export function readQuery<T>(url: string, schema: Schema<T>): T {
  const query: Record<string, unknown> = Object.create(null)
  const repeated: Violation[] = []
  for (const [name, text] of new URL(url).searchParams) {
    if (Object.hasOwn(query, name)) {
      repeated.push({
        pointer: jsonPointer(['query', name]),
        code: 'field.duplicate',
        message: `The parameter "${name.slice(0, 80)}" stands there twice.`,
      })
    } else query[name] = isNumeric(schema, name) && /^\d{1,9}$/.test(text) ? Number(text) : text
  }
  if (repeated.length > 0) throw invalidRequest(repeated)
  return validate(schema, query, '/query')
}
