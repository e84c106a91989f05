/** Query parameters against their generated schema; whole numbers are read as such, a repeated parameter is refused. */

import { invalidRequest, type Schema, validate } from './validate.ts'

const NUMBERS = new Set(['limit', 'copy'])

/** Throws `request.invalid` with pointers below `/query`. */
export function readQuery<T>(url: string, schema: Schema<T>): T {
  const query: Record<string, unknown> = {}
  for (const [name, text] of new URL(url).searchParams) {
    if (Object.hasOwn(query, name)) {
      const message = 'Give this parameter once.'
      throw invalidRequest([{ pointer: `/query/${name}`, code: 'query.duplicate', message }])
    }
    const number = NUMBERS.has(name) && /^\d{1,9}$/.test(text)
    Object.defineProperty(query, name, {
      value: number ? Number(text) : text,
      enumerable: true,
    })
  }
  return validate(schema, query, '/query')
}
