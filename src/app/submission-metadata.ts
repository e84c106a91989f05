/** Metadata travels beside the message and is echoed in events. */

import type { MessageRequest } from './submission-request.ts'
import type { Violations } from './submission-violations.ts'

export const MAX_METADATA_OCTETS = 16_384

export function checkMetadata(
  violations: Violations,
  request: MessageRequest,
): Record<string, unknown> {
  const metadata = request.metadata ?? {}
  const octets = new TextEncoder().encode(JSON.stringify(metadata)).length
  if (octets > MAX_METADATA_OCTETS) {
    const message = `has ${octets} octets as JSON, at most ${MAX_METADATA_OCTETS}`
    violations.add('/metadata', 'metadata.too_large', message)
  }
  return metadata
}
