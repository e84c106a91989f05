/** Counts uses in windows of a minute that begin with the first use: exact within one isolate, approximate over all. */

export const WINDOW_S = 60

export interface RateState {
  allowed: boolean
  /** Uses left in this window. */
  remaining: number
  /** Whole seconds until the window ends, at least 1. */
  resetS: number
}

export class RateWindow {
  readonly #windows = new Map<string, { from: number; used: number }>()

  /** Takes `cost` uses from the quota of `name`, or none where fewer are left. */
  spend(name: string, quota: number, cost: number, now: number): RateState {
    let window = this.#windows.get(name)
    if (!window || now >= window.from + WINDOW_S * 1000 || now < window.from) {
      if (this.#windows.size >= 1000) this.#forgetEnded(now)
      window = { from: now, used: 0 }
      this.#windows.set(name, window)
    }
    const allowed = window.used + cost <= quota
    if (allowed) window.used += cost
    return {
      allowed,
      remaining: Math.max(0, quota - window.used),
      resetS: Math.max(1, Math.ceil((window.from + WINDOW_S * 1000 - now) / 1000)),
    }
  }

  #forgetEnded(now: number): void {
    for (const [name, { from }] of this.#windows) {
      if (now >= from + WINDOW_S * 1000) this.#windows.delete(name)
    }
  }
}
