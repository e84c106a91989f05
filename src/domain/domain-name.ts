/** Domain names as mail wants them: fully qualified, RFC 5321 limits, IDNA by the runtime's UTS 46 with what it leaves open closed. */

import { decodePunycode } from './punycode.ts'

export interface DomainName {
  /** A-labels, lower case. */
  ascii: string
  /** U-labels, lower case; equal to `ascii` where no label is internationalised. */
  unicode: string
}

/** The one letter beyond ASCII that lower case makes an ASCII one. */
const KELVIN = '\u212a'
const STANDS_FOR_OTHERS = 'the domain is written with characters that stand for others'

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** A last label that is a number makes a URL parser read the whole as IPv4: `127.1`, `0x7f.1`, `2130706433`. */
export function endsInNumber(host: string): boolean {
  return /^(?:\d+|0x[0-9a-f]*)$/.test(host.split('.').at(-1) ?? '')
}

/** Labels of letters, digits and hyphens; one will do. */
export function isHostName(host: string): boolean {
  return host.length <= 253 && host.split('.').every((label) => LABEL.test(label))
}

/**
 * Reads a domain name, or says in words what is wrong with it.
 * Nothing is repaired: a spelling that IDNA would map to another (full width, soft hyphen) is refused,
 * since two readers might take it for two domains; only letter case is folded.
 */
export function readDomainName(input: string): DomainName | { problem: string } {
  if (input === '') return { problem: 'the domain is missing' }
  if (input.length > 253) return { problem: 'the domain is longer than 253 octets' }
  if (!/^[A-Za-z0-9.\-\u0080-\u{10ffff}]+$/u.test(input)) {
    return { problem: 'the domain holds a character that no domain has' }
  }
  if (input.includes(KELVIN)) return { problem: STANDS_FOR_OTHERS }
  const lower = input.toLowerCase()
  const ascii = /[^\x00-\x7f]/.test(lower) ? toAscii(lower) : lower
  if (ascii === undefined) return { problem: 'the domain is not a valid internationalised name' }
  if (ascii.length > 253) return { problem: 'the domain is longer than 253 octets' }
  const labels = ascii.split('.')
  if (labels.length < 2) return { problem: 'the domain is not fully qualified' }
  if (!labels.every((label) => LABEL.test(label))) {
    return {
      problem: 'a label of the domain is empty, too long, or begins or ends with a hyphen',
    }
  }
  if (endsInNumber(ascii)) {
    return { problem: 'the domain ends in a number: IP addresses are not domains' }
  }
  const decoded = labels.map(toUnicode)
  if (decoded.includes(undefined)) return { problem: 'the domain holds a bad xn-- label' }
  const unicode = decoded.join('.')
  if (lower !== ascii && lower.normalize('NFC') !== unicode) {
    return { problem: STANDS_FOR_OTHERS }
  }
  return { ascii, unicode }
}

function toAscii(domain: string): string | undefined {
  try {
    return new URL(`http://${domain}`).hostname
  } catch {
    return undefined
  }
}

/** Some runtimes let any `xn--` label through: it must decode to something, and encode back to itself. */
function toUnicode(label: string): string | undefined {
  if (!label.startsWith('xn--')) return label
  const decoded = decodePunycode(label.slice(4))
  if (decoded === undefined || !/[^\x00-\x7f]/.test(decoded)) return undefined
  if (/[\x00-\x2c\x2e\x2f\x3a-\x60\x7b-\x7f]/.test(decoded)) return undefined
  return toAscii(decoded) === label ? decoded : undefined
}
