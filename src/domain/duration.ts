/** Durations as operators write them: `300ms`, `10s`, `5m`, `4h`, `1d`. */

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim())
  const unit = UNITS[match?.[2] ?? '']
  return match && unit !== undefined ? Number(match[1]) * unit : undefined
}

/** `1m,5m,1h`: at least one, none of them zero; undefined where a part is no duration. */
export function parseDurationList(text: string): number[] | undefined {
  const parts = text.split(',').map(parseDuration)
  return parts.every((part): part is number => part !== undefined && part > 0) ? parts : undefined
}

/** `connect=10s,greeting=30s` over defaults: a part that is left out keeps its own. Undefined: unknown part, or no duration. */
export function parseDurations<T extends { [name in keyof T]: number }>(
  text: string,
  defaults: T,
): T | undefined {
  const durations = { ...defaults }
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=').map((side) => side.trim())
    const duration = parseDuration(value)
    if (!Object.hasOwn(defaults, name) || !duration || rest.length > 0) return undefined
    Object.assign(durations, { [name]: duration })
  }
  return durations
}
