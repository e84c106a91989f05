import { LIMITS, LimitError } from './limits.ts'

/** What one rendering has used up so far. Every method throws LimitError where that is too much. */
export class Budget {
  #steps = 0
  #memory = 0
  #output = 0
  #depth = 0

  step(count = 1): void {
    this.#steps += count
    if (this.#steps > LIMITS.steps) throw new LimitError('steps')
  }

  /** Named as LiquidJS's limiter, whose place it takes: built-in filters tell it what they make. */
  use(count: number): void {
    if (!(count > 0)) return
    this.#memory += count
    if (this.#memory > LIMITS.memory) throw new LimitError('memory')
  }

  output(octets: number): void {
    this.#output += octets
    if (this.#output > LIMITS.output) throw new LimitError('output')
  }

  enter(): void {
    if (++this.#depth > LIMITS.depth) throw new LimitError('depth')
  }

  leave(): void {
    this.#depth--
  }
}
