/** Pages of lists: `limit`, `after` and `before` as the description has them. */

import type { Page } from '../app/paging.ts'

const DEFAULT_LIMIT = 20

export function pageOf(query: {
  limit?: number | undefined
  after?: string | undefined
  before?: string | undefined
}): Page {
  return {
    limit: query.limit ?? DEFAULT_LIMIT,
    ...(query.after === undefined ? {} : { after: query.after }),
    ...(query.before === undefined ? {} : { before: query.before }),
  }
}
