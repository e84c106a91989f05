/** The row edge: columns are checked where they enter, so that nothing behind it meets an unexpected shape. */

import * as z from 'zod'

/** A TEXT column that holds JSON of this shape. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema)
}

/** An INTEGER column that holds 0 or 1. */
export const flagColumn = z
  .union([z.literal(0), z.literal(1)])
  .transform((value): boolean => value === 1)
