/** What travels beside the message: metadata, and the names of tags and headers, whose limits no generated schema holds. */

import { jsonPointer } from '../domain/json-pointer.ts'
import type { MessageRequest } from './submission-request.ts'
import type { Violations } from './violations.ts'

const MAX_METADATA_OCTETS = 8192
const MAX_TAGS = 20
const MAX_HEADERS = 50
const TAG_NAME = /^[A-Za-z0-9_-]{1,64}$/

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

/** Tags are searched as `name:value`, so their names are plain. */
export function checkTags(violations: Violations, request: MessageRequest): Record<string, string> {
  const tags = request.tags ?? {}
  const names = Object.keys(tags)
  if (names.length > MAX_TAGS) {
    violations.add('/tags', 'field.too_many', `has ${names.length} tags, at most ${MAX_TAGS}`)
  }
  const odd = names.find((name) => !TAG_NAME.test(name))
  if (odd !== undefined) {
    const message = 'a tag is named with 1 to 64 letters, digits, _ and -'
    violations.add(jsonPointer(['tags', odd]), 'field.format', message)
  }
  return tags
}

export function checkHeaderCount(violations: Violations, request: MessageRequest): void {
  const { length } = Object.keys(request.headers ?? {})
  if (length > MAX_HEADERS) {
    violations.add('/headers', 'field.too_many', `has ${length} headers, at most ${MAX_HEADERS}`)
  }
}
