/** Attachments: strict base64 (RFC 4648 §4), file parts each named by one attachment. */

import { Buffer } from 'node:buffer'
import { jsonPointer } from '../domain/json-pointer.ts'
import type { AttachmentInput } from '../domain/submission.ts'
import { contentTypeOf } from '../mime/content-type.ts'
import type { AttachmentRequest, FilePart, MessageRequest } from './submission-request.ts'
import type { Violations } from './violations.ts'

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const BASE64_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function checkAttachments(
  violations: Violations,
  request: MessageRequest,
  files: FilePart[],
): AttachmentInput[] {
  const unused = [...files]
  const attachments = (request.attachments ?? []).map((attachment, index) => {
    const at = jsonPointer(['attachments', index])
    const found = unused.findIndex(({ name }) => name === attachment.part)
    const [file] = found < 0 ? [] : unused.splice(found, 1)
    const content = contentOf(violations, at, attachment, file)
    return described(attachment, file, content)
  })
  for (const { name } of unused) {
    const message = `no attachment names it: add {"part": "${name.slice(0, 80)}"} to attachments`
    violations.add(jsonPointer([name]), 'attachment.part_unused', message)
  }
  return attachments
}

function contentOf(
  violations: Violations,
  at: string,
  { content, part }: AttachmentRequest,
  file: FilePart | undefined,
): Uint8Array {
  if ((content === undefined) === (part === undefined)) {
    violations.add(at, 'attachment.source', 'give either content (base64) or part (a file part)')
  } else if (content === undefined) {
    if (file) return file.content
    const message = 'the request has no file part of this name that is not attached yet'
    violations.add(`${at}/part`, 'attachment.part_unknown', message)
  } else {
    const octets = decodeBase64(content)
    if (octets) return octets
    const message = 'must be base64 with padding and without line breaks, spaces, - or _'
    violations.add(`${at}/content`, 'attachment.base64', message)
  }
  return new Uint8Array()
}

function described(
  attachment: AttachmentRequest,
  file: FilePart | undefined,
  content: Uint8Array,
): AttachmentInput {
  const filename = attachment.filename ?? file?.filename ?? null
  const contentId = attachment.content_id?.replace(/^<(.*)>$/, '$1') ?? null
  return {
    filename,
    content_type: attachment.content_type ?? file?.content_type ?? contentTypeOf(filename),
    content,
    content_id: contentId,
    disposition: attachment.disposition ?? (contentId === null ? 'attachment' : 'inline'),
  }
}

/** Undefined where the text isn't exactly what an encoder writes; unused bits must be zero. */
function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined
  const pad = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const last = BASE64_ALPHABET.indexOf(text.charAt(text.length - pad - 1))
  const unusedBits = pad === 2 ? 0b1111 : pad === 1 ? 0b11 : 0
  return last & unusedBits ? undefined : Buffer.from(text, 'base64')
}
