/** ENVID of RFC 3461: comes back in every notification about an attempt, and only we can have made it. */

import { createHmac } from 'node:crypto'

/** Message, attempt, and 96 bits of HMAC-SHA-256 over both, hex: under the 100 characters that ENVID may have. */
export function envelopeId(message: string, attempt: number, key: Uint8Array): string {
  const said = `${message}.${attempt}`
  const digest = createHmac('sha256', key).update(`postern envid\0${said}`).digest('hex')
  return `${said}.${digest.slice(0, 24)}`
}
