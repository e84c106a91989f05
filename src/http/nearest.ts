/** Which field was meant: other vendors' spellings first, then other ways to write the same name, then the fewest typos. */

import type { AnyCode } from '../domain/errors.ts'
import { NOT_HERE, OTHER_NAMES } from './nearest-names.ts'

/** The same name in snake_case, camelCase, PascalCase and kebab-case. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** The field of `fields` that `name` most likely means. */
export function nearestField(name: string, fields: readonly string[]): string | undefined {
  const wanted = plain(name)
  const same = fields.find((field) => plain(field) === wanted)
  if (same) return same
  const other = ownEntry(OTHER_NAMES, wanted)?.find((field) => fields.includes(field))
  if (other) return other
  const limit = Math.min(2, Math.floor(wanted.length / 3))
  const near = fields
    .map((field) => ({ field, distance: distance(wanted, plain(field), limit) }))
    .filter((one) => one.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.field
}

/** Code and message for a field that does not exist. */
export function unknownField(
  name: string,
  fields: readonly string[],
): { code: AnyCode; message: string } {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name
  const missing = ownEntry(NOT_HERE, plain(name))
  const near = nearestField(name, fields)
  const hint = near ? `did you mean "${near}"?` : missing
  return {
    code: 'field.unknown',
    message: hint ? `There is no field "${shown}": ${hint}` : `There is no field "${shown}".`,
  }
}

/** Levenshtein's, with neighbours swapped as one; anything over the limit is as good as infinite. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit || a.length > 64) return Number.POSITIVE_INFINITY
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? Number.POSITIVE_INFINITY
}
