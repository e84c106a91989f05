/** A line of quoted-printable that is gathered, since its end decides what its octets mean. */

import { ProtectionError } from '../../domain/protection-error.ts'

/** The standard has 76 (RFC 2045 section 6.7, rule 5). */
const LIMIT = 64 * 1024

export class HeldLine {
  #octets: Uint8Array[] = []
  #size = 0

  /** @throws ProtectionError where the line is longer than any writer makes it */
  push(octets: Uint8Array): void {
    this.#octets.push(Uint8Array.from(octets))
    this.#size += octets.length
    if (this.#size > LIMIT) {
      throw new ProtectionError(
        'message.uncanonicalisable',
        `a quoted-printable part has a line over ${LIMIT} octets`,
      )
    }
  }

  take(): Uint8Array {
    const line = Buffer.concat(this.#octets)
    this.#octets = []
    this.#size = 0
    return line
  }
}
