/** A few sockets for many dials: whoever finds none waits for one to be let go, but not for ever. */

import { SocketBudget, type TakenSocket } from './socket-budget.ts'

export class SocketQueue {
  readonly #budget: SocketBudget
  readonly #patienceMs: number
  readonly #waiting = new Set<() => void>()

  constructor(limit: number, patienceMs: number) {
    this.#patienceMs = patienceMs
    this.#budget = new SocketBudget(limit, () => {
      const [next] = this.#waiting
      next?.()
    })
  }

  /** Undefined when patience is over. */
  async take(): Promise<TakenSocket | undefined> {
    const socket = this.#budget.take()
    if (socket) return socket
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer)
        this.#waiting.delete(go)
        resolve()
      }
      const timer = setTimeout(go, this.#patienceMs)
      this.#waiting.add(go)
    })
    return this.#budget.take()
  }
}
