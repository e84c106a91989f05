/** Sessions of a copy that was given back to go on at once: the attempt that ends it tells of them, whichever that is. */

import type { SessionRecord } from '../domain/attempt.ts'
import type { Delivery } from '../ports/message-store.ts'

export interface Passed {
  startedAt: number
  sessions: SessionRecord[]
  /** MAIL was refused for optional parameters: now it goes without. */
  plain: boolean
}

/** What goes on later than this doesn't go on at once: something else became of it meanwhile. */
const AT_ONCE_MS = 30_000

type Copy = Pick<Delivery, 'message' | 'copy'>

export class AtOnce {
  readonly #passed = new Map<string, Passed & { at: number }>()

  keep(copy: Copy, passed: Passed, now: number): void {
    this.#forget(now)
    this.#passed.set(keyOf(copy), { ...passed, at: now })
  }

  /** Once: then it belongs to the attempt that asked. */
  take(copy: Copy, now: number): Passed | undefined {
    this.#forget(now)
    const key = keyOf(copy)
    const passed = this.#passed.get(key)
    this.#passed.delete(key)
    return passed
  }

  #forget(now: number): void {
    for (const [key, { at }] of this.#passed) {
      if (now - at <= AT_ONCE_MS) return
      this.#passed.delete(key)
    }
  }
}

const keyOf = ({ message, copy }: Copy) => `${message}/${copy}`
