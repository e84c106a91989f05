/** Fields that several sources have. */

import type { FieldReader, TextRule } from './field-reader.ts'
import { DEFAULT_TOLERANCE } from './timely.ts'

export const HEADER_NAME: TextRule = {
  form: /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/,
  expected: 'has to be the name of a header',
}

/** Seconds; an hour at most: a captured call is good that long. */
export function readTolerance(fields: FieldReader): number {
  return fields.integer('tolerance', DEFAULT_TOLERANCE, 1, 3600)
}
