/** What travels beside the message: searchable tags, and metadata that is echoed in events. */

import type { MessageRequest } from './submission-request.ts'
import { pointer, type Violations } from './submission-violations.ts'

export const MAX_TAGS = 20
export const MAX_TAG_VALUE = 256
export const MAX_METADATA_OCTETS = 8192

const TAG_NAME = /^[A-Za-z0-9_-]{1,64}$/

export function checkTags(violations: Violations, request: MessageRequest): Record<string, string> {
  const tags = Object.entries(request.tags ?? {})
  if (tags.length > MAX_TAGS) {
    violations.add('/tags', 'tag.invalid', `has ${tags.length} tags, at most ${MAX_TAGS}`)
  }
  for (const [name, value] of tags) {
    const at = pointer('tags', name)
    if (violations.at(at)) continue
    if (!TAG_NAME.test(name)) {
      violations.add(at, 'tag.invalid', 'a tag name has 1 to 64 letters, digits, - and _')
    } else if (value.length > MAX_TAG_VALUE) {
      violations.add(at, 'tag.invalid', `a tag value has at most ${MAX_TAG_VALUE} characters`)
    }
  }
  return request.tags ?? {}
}

export function checkMetadata(
  violations: Violations,
  request: MessageRequest,
): Record<string, unknown> {
  const metadata = request.metadata ?? {}
  const octets = new TextEncoder().encode(JSON.stringify(metadata)).length
  if (octets > MAX_METADATA_OCTETS) {
    violations.add(
      '/metadata',
      'metadata.too_large',
      `has ${octets} octets as JSON, at most ${MAX_METADATA_OCTETS}`,
    )
  }
  return metadata
}
