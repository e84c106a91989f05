/** From a composed or raw message to the entity that is signed or encrypted, and the header that goes outside of it. */

import type { ProtectOperation } from '../../domain/protected-entity.ts'
import { ProtectionError } from '../../domain/protection-error.ts'
import { type Field, HeaderError, parseHeader } from '../header.ts'
import { isProtected } from './already-protected.ts'
import type { Confidentiality } from './confidentiality.ts'
import { EntityWriter } from './entity-writer.ts'
import { protectHeader } from './header-protection.ts'

export interface ProtectableSource {
  /** The header section, CRLF throughout. */
  header: Uint8Array
  /** What follows it, from the start each time and the same octets each time. */
  open(): AsyncIterable<Uint8Array>
}

export interface ProtectableOptions {
  operation: ProtectOperation
  confidentiality?: Confidentiality
  /** Shows in the main text what the outer header hides (RFC 9788 section 5.2.2). Default: true. */
  legacyDisplay?: boolean
}

export interface Protectable {
  /** The outer header, without the fields of its structure. */
  outer: Field[]
  payload: {
    size: null
    /** Canonical, 7-bit, CRLF at the end of every line and of the whole, the protected header in front. Streams. */
    open(): AsyncIterable<Uint8Array>
  }
}

/**
 * Makes a message protectable.
 * @throws ProtectionError `message.already_protected`, `message.bad_header`; while the payload is read also
 * `message.uncanonicalisable`
 */
export function protectable(source: ProtectableSource, options: ProtectableOptions): Protectable {
  const fields = readHeader(source.header)
  if (isProtected(fields)) throw new ProtectionError('message.already_protected')
  const { operation, confidentiality, legacyDisplay = true } = options
  const { inner, outer, hidden } = protectHeader(fields, operation, confidentiality)
  const open = () => canonicalEntity(inner, source.open(), legacyDisplay ? hidden : [])
  return { outer, payload: { size: null, open } }
}

/** Octets of a payload: what a provider has to know before it writes lengths. */
export async function measure(payload: { open(): AsyncIterable<Uint8Array> }): Promise<number> {
  let size = 0
  for await (const chunk of payload.open()) size += chunk.length
  return size
}

async function* canonicalEntity(
  root: readonly Field[],
  body: AsyncIterable<Uint8Array>,
  display: readonly Field[],
): AsyncGenerator<Uint8Array, void, void> {
  const writer = new EntityWriter(root, display)
  for await (const chunk of body) {
    const octets = writer.push(chunk)
    if (octets.length > 0) yield octets
  }
  yield writer.finish()
}

function readHeader(header: Uint8Array): Field[] {
  try {
    return parseHeader(header, true)
  } catch (error) {
    if (error instanceof HeaderError) {
      throw new ProtectionError('message.bad_header', error.message, { cause: error })
    }
    throw error
  }
}
