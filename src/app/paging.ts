/** Pages of lists, newest first: `after` an entry towards older ones, `before` it towards newer ones. */

import { invalidRequest, type PosternError } from '../domain/errors.ts'

export interface Page {
  limit: number
  after?: string
  before?: string
}

/** The cursor that goes on in the same direction; null at the end. */
export function nextOf(page: Page, data: { id: string }[], hasMore: boolean): string | null {
  const last = page.before === undefined ? data.at(-1) : data[0]
  return hasMore && last ? last.id : null
}

/** A page can't begin at what is no entry: an empty one would look like the end of the list. */
export function badCursor(parameter: 'after' | 'before'): PosternError {
  const message = 'Give the id of an entry, as "next" has it.'
  const pointer = `/query/${parameter}`
  return invalidRequest([{ pointer, code: 'field.not_allowed', message }])
}
