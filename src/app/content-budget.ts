/** Octets of content in flight in this isolate: beyond the budget new work is told to come back. */

import { PosternError } from '../domain/errors.ts'

export const CONTENT_BUDGET_OCTETS = 64 * 1024 * 1024

/** Seconds: long enough for a body to leave. */
const RETRY_AFTER_S = 2

/** What one request holds; given back exactly once. */
export interface ContentShare {
  /** Throws `server.busy` where the budget has no room. */
  take(octets: number): void
  release(): void
}

export class ContentBudget {
  readonly #limit: number
  #held = 0

  constructor(limit = CONTENT_BUDGET_OCTETS) {
    this.#limit = limit
  }

  get held(): number {
    return this.#held
  }

  /** Throws `server.busy` where the budget has no room for the first octets. */
  share(octets: number): ContentShare {
    let mine = 0
    const take = (more: number) => {
      if (this.#held + more > this.#limit) {
        throw new PosternError(
          'server.busy',
          'Too much content is in flight: send it again soon.',
          {
            retryAfterS: RETRY_AFTER_S,
          },
        )
      }
      this.#held += more
      mine += more
    }
    const release = () => {
      this.#held -= mine
      mine = 0
    }
    take(octets)
    return { take, release }
  }
}
