/**
 * The DKIM body hash: relaxed canonicalisation (RFC 6376 section 3.4.4) and SHA-256, in one streaming pass.
 * nodemailer has the same inside its signer, but not where it can be reached, and its signer knows RSA only.
 */

import { createHash } from 'node:crypto'

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09
const CRLF = Uint8Array.of(CR, LF)

/** Feed the canonical body octets of a message in any cut; `digest()` once gives the `bh=` value. */
export class BodyHasher {
  readonly #hash = createHash('sha256')
  #emptyLines = 0
  /** The current line has an octet that is not blank. */
  #content = false
  #blank = false
  #cr = false

  update(chunk: Uint8Array): void {
    // Each octet gives itself at most, and one CR and one blank may be held over from before.
    const out = new Uint8Array(chunk.length + 4)
    let length = 0
    for (let at = 0; at < chunk.length; at++) {
      const octet = chunk[at] as number
      if (octet === LF && this.#cr) {
        this.#cr = false
        this.#blank = false
        if (this.#content) {
          out[length++] = CR
          out[length++] = LF
          this.#content = false
        } else {
          this.#emptyLines++
        }
      } else if (octet === CR) {
        this.#cr = true
      } else if (octet === SPACE || octet === TAB) {
        this.#blank = true
      } else {
        if (!this.#content && this.#emptyLines > 0) {
          this.#hash.update(out.subarray(0, length))
          length = 0
          for (; this.#emptyLines > 0; this.#emptyLines--) this.#hash.update(CRLF)
        }
        this.#content = true
        if (this.#blank) out[length++] = SPACE
        this.#blank = false
        out[length++] = octet
      }
    }
    this.#hash.update(out.subarray(0, length))
  }

  /** Base64. Empty lines at the end don't count; an empty body hashes as nothing. */
  digest(): string {
    if (this.#content) this.#hash.update(CRLF)
    return this.#hash.digest('base64')
  }
}
