/** Counts uses in windows of a minute that begin with the first use: exact within one isolate, approximate over all. */

export const WINDOW_S = 60

export interface Quota {
  name: string
  perWindow: number
}

/** The quota that has the fewest uses left. */
export interface RateState {
  quota: number
  remaining: number
  /** Whole seconds until its window ends, at least 1. */
  resetS: number
}

export interface Taken {
  allowed: boolean
  /** What was taken and not used after all. */
  giveBack(uses: number): void
  state(): RateState
}

interface Window {
  from: number
  used: number
}

export class RateWindow {
  readonly #windows = new Map<string, Window>()

  /** Takes `cost` uses from each of the quotas, at least one, or none where one of them has fewer left. */
  take(quotas: readonly Quota[], cost: number, now: number): Taken {
    const counted = quotas.map(({ name, perWindow }) => ({
      window: this.#windowOf(name, now),
      perWindow,
    }))
    const add = (uses: number) => {
      for (const { window } of counted) window.used += uses
    }
    const allowed = counted.every(({ window, perWindow }) => window.used + cost <= perWindow)
    if (allowed) add(cost)
    return {
      allowed,
      giveBack: (uses) => add(-uses),
      state: () => {
        const states = counted.map(({ window, perWindow }) => ({
          quota: perWindow,
          remaining: Math.max(0, perWindow - window.used),
          resetS: Math.max(1, Math.ceil((window.from + WINDOW_S * 1000 - now) / 1000)),
        }))
        return states.reduce((least, one) => (one.remaining < least.remaining ? one : least))
      },
    }
  }

  #windowOf(name: string, now: number): Window {
    const open = this.#windows.get(name)
    if (open && now < open.from + WINDOW_S * 1000 && now >= open.from) return open
    if (this.#windows.size >= 1000) this.#forgetEnded(now)
    const window = { from: now, used: 0 }
    this.#windows.set(name, window)
    return window
  }

  #forgetEnded(now: number): void {
    for (const [name, { from }] of this.#windows) {
      if (now >= from + WINDOW_S * 1000) this.#windows.delete(name)
    }
  }
}
