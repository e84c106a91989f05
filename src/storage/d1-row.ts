/** The row edge: columns are checked where they enter, so that nothing behind it meets an unexpected shape. */

import * as z from 'zod/mini'

/** A TEXT column that holds JSON of this shape. */
export function jsonColumn<T>(schema: z.ZodMiniType<T>) {
  return z.pipe(
    z.pipe(
      z.string(),
      z.transform((text: string): unknown => JSON.parse(text)),
    ),
    schema,
  )
}

/** An INTEGER column that holds 0 or 1. */
export const flagColumn = z.pipe(
  z.union([z.literal(0), z.literal(1)]),
  z.transform((value: 0 | 1): boolean => value === 1),
)
