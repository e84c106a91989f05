/** A protected entity below its outer header: the message as it goes out, before DKIM. */

import type { ProtectedEntity } from '../../domain/protected-entity.ts'
import { ProtectionError } from '../../domain/protection-error.ts'
import { type Field, makeField, writeHeader } from '../header.ts'

/** A protected entity without its report. */
export type Assembled = Pick<ProtectedEntity, 'contentHeaders' | 'body' | 'size' | 'outerHeaders'>

export interface OutgoingMessage {
  /** The header section with its closing empty line. */
  header: Uint8Array
  body: AsyncIterable<Uint8Array>
  /** Octets of header and body, where they are known before the body is read. */
  size?: number
}

/**
 * Puts the outer header of a message in front of what a provider made of it.
 * @throws ProtectionError `message.too_large`, now where the size is known, else while the body is read
 */
export function assemble(
  outer: readonly Field[],
  entity: Assembled,
  limitBytes: number,
): OutgoingMessage {
  const added = (entity.outerHeaders ?? []).map(([name, value]) => makeField(name, value))
  const replaced = new Set(added.map((field) => field.key))
  const header = writeHeader([
    ...outer.filter((field) => !replaced.has(field.key)),
    ...added,
    makeField('MIME-Version', '1.0'),
    ...entity.contentHeaders.map(([name, value]) => makeField(name, value)),
  ])
  const size = entity.size === undefined ? undefined : header.length + entity.size
  if (size !== undefined && size > limitBytes) throw tooLarge(limitBytes)
  return {
    header,
    body: within(entity.body, limitBytes - header.length, limitBytes),
    ...(size === undefined ? {} : { size }),
  }
}

async function* within(
  body: AsyncIterable<Uint8Array>,
  most: number,
  limitBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw tooLarge(limitBytes)
    yield chunk
  }
}

function tooLarge(limitBytes: number): ProtectionError {
  return new ProtectionError(
    'message.too_large',
    `the protected message would have more than ${limitBytes} octets`,
  )
}
