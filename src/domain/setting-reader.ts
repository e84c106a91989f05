/** Reads settings one by one and collects what is wrong with them: the setting's name and what it should be, never its value. */

export interface SettingProblem {
  setting: string
  problem: string
}

export class SettingReader {
  readonly problems: SettingProblem[] = []
  readonly #source: Record<string, unknown>

  constructor(source: object) {
    this.#source = { ...source }
  }

  /** The setting's text without space around it; undefined where it isn't set, or set to nothing. */
  text(setting: string): string | undefined {
    const value = this.#source[setting]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string') {
      this.problem(setting, 'has to be text')
      return undefined
    }
    return value.trim() === '' ? undefined : value.trim()
  }

  problem(setting: string, problem: string): void {
    this.problems.push({ setting, problem })
  }

  /** The setting as `parse` understands it; its default where unset, and where it is wrong, which is then a problem. */
  parsed<T>(
    setting: string,
    fallback: T,
    parse: (text: string) => T | undefined,
    expected: string,
  ): T {
    const text = this.text(setting)
    if (text === undefined) return fallback
    const value = parse(text)
    if (value === undefined) this.problem(setting, expected)
    return value === undefined ? fallback : value
  }

  integer(setting: string, fallback: number, min: number, max: number): number {
    const parse = (text: string) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    }
    return this.parsed(setting, fallback, parse, `has to be a whole number from ${min} to ${max}`)
  }

  /** `1` switches on; `0` and nothing leave it off. */
  flag(setting: string): boolean {
    const parse = (text: string) => (text === '1' ? true : text === '0' ? false : undefined)
    return this.parsed(setting, false, parse, 'has to be 1 (on) or 0 (off)')
  }

  oneOf<T extends string>(setting: string, choices: readonly T[]): T | null {
    const parse = (text: string) => choices.find((choice) => choice === text)
    return this.parsed<T | null>(setting, null, parse, `has to be one of ${choices.join(', ')}`)
  }

  /** 32 bytes in base64, with or without padding, the URL alphabet too. */
  key(setting: string, text: string): Uint8Array<ArrayBuffer> | undefined {
    const key = decodeKey(text)
    if (!key) this.problem(setting, 'has to be 32 random bytes in base64: openssl rand -base64 32')
    return key
  }
}

function decodeKey(text: string): Uint8Array<ArrayBuffer> | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  if (!/^[A-Za-z0-9+/]{43}$/.test(plain)) return undefined
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0))
}
