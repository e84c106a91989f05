/** What a line may not have if its octets are to arrive as they were sent (RFC 3156 section 5, RFC 8551 section 3.1). */

const CR = 0x0d
const DASH = 0x2d
const DOT = 0x2e
const FROM: readonly number[] = [...'From '].map((char) => char.charCodeAt(0))

/** A space or tab before the line end is taken away by some relays. */
export function endsBlank(line: Uint8Array): boolean {
  const last = line.at(-1)
  return last === 0x20 || last === 0x09
}

/** "From " is quoted by mailboxes, "." by careless relays, "-" by cleartext signatures. */
export function startsSensitive(line: Uint8Array, at = 0): boolean {
  const first = line[at]
  if (first === DOT || first === DASH) return true
  return first === FROM[0] && FROM.every((octet, index) => line[at + index] === octet)
}

/** Whether all octets may stand in a 7-bit line: neither above 127 nor NUL nor a CR without LF. */
export function isSevenBit(line: Uint8Array): boolean {
  for (let at = 0; at < line.length; at++) {
    const octet = line[at] as number
    if (octet > 0x7f || octet === 0 || octet === CR) return false
  }
  return true
}
