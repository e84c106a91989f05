/** Content-Type and Content-Disposition values: read leniently, changed without touching what is not meant. */

const SEGMENT = /(?:"(?:[^"\\]|\\[\s\S])*"|[^;"])+/g

export interface MediaType {
  /** Lower case, `type/subtype`. */
  type: string
  /** Names in lower case; quotes taken off. */
  parameters: Map<string, string>
}

/** Reads an unfolded value; what is no parameter is passed over. */
export function readMediaType(value: string): MediaType {
  const [first = '', ...rest] = segments(value)
  const parameters = new Map<string, string>()
  for (const segment of rest) {
    const { name, text } = readParameter(segment)
    if (name && !parameters.has(name)) parameters.set(name, text)
  }
  return {
    type: first
      .replace(/\([^)]*\)/g, '')
      .trim()
      .toLowerCase(),
    parameters,
  }
}

/** The value with these parameters at its end, in place of any of their name, and without others. */
export function withParameters(
  value: string,
  parameters: readonly [string, string][],
  without: readonly string[] = [],
): string {
  const names = [...without, ...parameters.map(([name]) => name)]
  const kept = segments(value).filter(
    (segment, index) => index === 0 || !names.includes(readParameter(segment).name),
  )
  return [...kept.map((segment) => segment.trim()), ...parameters.map(writeParameter)].join('; ')
}

/** The value with its parameters changed one by one. */
export function mapParameters(
  value: string,
  change: (name: string, text: string) => string | undefined,
): string {
  const [first = '', ...rest] = segments(value)
  const changed = rest.map((segment) => {
    const { name, text } = readParameter(segment)
    return change(name, text) ?? segment.trim()
  })
  return [first.trim(), ...changed].join('; ')
}

function segments(value: string): string[] {
  return (value.match(SEGMENT) ?? []).filter((segment, index) => index === 0 || segment.trim())
}

function readParameter(segment: string): { name: string; text: string } {
  const at = segment.indexOf('=')
  if (at < 0) return { name: '', text: '' }
  const raw = segment.slice(at + 1).trim()
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(raw)
  const text = quoted ? (quoted[1] ?? '').replace(/\\([\s\S])/g, '$1') : (raw.split(/\s/)[0] ?? '')
  return { name: segment.slice(0, at).trim().toLowerCase(), text }
}

function writeParameter([name, text]: readonly [string, string]): string {
  return `${name}="${text.replace(/["\\]/g, '\\$&')}"`
}
