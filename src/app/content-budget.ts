/** Octets of content in flight in this isolate: beyond the budget new work is told to come back. */

import { PosternError } from '../domain/errors.ts'

const CONTENT_BUDGET_OCTETS = 64 * 1024 * 1024

/** Seconds: long enough for a body to leave. */
const RETRY_AFTER_S = 2

/** What one request holds; given back exactly once. */
export interface ContentShare {
  /** Throws `server.busy` where there is no room for all the octets that are `expected`; counts those that came. */
  take(octets: number, expected?: number): void
  release(): void
}

export class ContentBudget {
  readonly #limit: number
  readonly #heldBy = new Map<string, number>()

  constructor(limit = CONTENT_BUDGET_OCTETS) {
    this.#limit = limit
  }

  get held(): number {
    return [...this.#heldBy.values()].reduce((sum, octets) => sum + octets, 0)
  }

  /** No holder gets more than half, so that another's largest body finds room. */
  share(holder: string): ContentShare {
    let mine = 0
    const take = (octets: number, expected = octets) => {
      const own = this.#heldBy.get(holder) ?? 0
      if (own + expected > this.#limit / 2) {
        throw busy('This key has too much content in flight: send it again soon.')
      }
      if (this.held + expected > this.#limit) {
        throw busy('Too much content is in flight: send it again soon.')
      }
      this.#heldBy.set(holder, own + octets)
      mine += octets
    }
    const release = () => {
      const left = (this.#heldBy.get(holder) ?? 0) - mine
      if (left > 0) this.#heldBy.set(holder, left)
      else this.#heldBy.delete(holder)
      mine = 0
    }
    return { take, release }
  }
}

function busy(detail: string): PosternError {
  return new PosternError('server.busy', detail, { retryAfterS: RETRY_AFTER_S })
}
