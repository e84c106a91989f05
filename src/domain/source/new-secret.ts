/** Secrets of the sources that take what the receiver gives them. */

import { randomBase32 } from '../base32.ts'
import type { SourceConfig } from './source.ts'

/** 160 random bits or more; null where the source makes its own, or has none. */
export function newSourceSecret(source: SourceConfig): string | null {
  switch (source.type) {
    case 'github':
    case 'hmac':
    case 'bearer':
      return randomBase32(32)
    case 'basic':
      return `postern:${randomBase32(32)}`
    case 'standard-webhooks':
      return standardSecret()
    case 'gitlab':
      return source.by === 'signature' ? standardSecret() : randomBase32(32)
    default:
      return null
  }
}

function standardSecret(): string {
  const octets = crypto.getRandomValues(new Uint8Array(32))
  return `whsec_${btoa(String.fromCharCode(...octets))}`
}
