/** Reads a line of quoted-printable; leaves alone what is none, as readers do. */

import { latin1 } from './leaf.ts'

const HEX_PAIR = /^[0-9A-Fa-f]{2}/

export type QuotedToken = { plain: Uint8Array } | { encoded: number } | { soft: true }

/** Tokens of a line without its line end; blanks at its end are not content (RFC 2045 section 6.7, rule 3). */
export function* quotedTokens(line: Uint8Array): Generator<QuotedToken, void, void> {
  const text = latin1(line).replace(/[ \t]+$/, '')
  let from = 0
  while (from < text.length) {
    const at = text.indexOf('=', from)
    const end = at < 0 ? text.length : at
    if (end > from) yield { plain: Buffer.from(text.slice(from, end), 'latin1') }
    if (at < 0) return
    if (at === text.length - 1) {
      yield { soft: true }
      return
    }
    const pair = HEX_PAIR.exec(text.slice(at + 1, at + 3))
    yield pair ? { encoded: Number.parseInt(pair[0], 16) } : { plain: Uint8Array.of(0x3d) }
    from = at + (pair ? 3 : 1)
  }
}
