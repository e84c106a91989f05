/** `POST /v1/messages` in its three shapes (JSON, multipart with a `message` part, form fields) as one checked request. */

import type { FilePart } from '../app/submission-request.ts'
import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'
import { sha256 } from '../domain/sha256.ts'
import {
  type BodyOptions,
  decodeUtf8,
  JSON_LIMIT,
  MULTIPART_LIMIT,
  mediaType,
  readOctets,
} from './body.ts'
import { canonicalJson } from './canonical-json.ts'
import { type Field, messageFromForm } from './form.ts'
import { CUT, parseJson } from './json.ts'
import { boundaryOf, type Part, parseMultipart } from './multipart.ts'
import { BatchRequest, MessageRequest } from './schema.generated.ts'
import { check, validate } from './validate.ts'

export interface ReadMessage {
  message: MessageRequest
  files: FilePart[]
  /** SHA-256 of the parsed request: equal for equal requests, however they were written down. */
  hash: string
}

const TYPES =
  'application/json, multipart/form-data and application/x-www-form-urlencoded are taken here'
const AS_JSON = `with curl add -H 'Content-Type: application/json'`

/** Throws `request.media_type`, `.too_large`, `.malformed` or `.invalid`. */
export async function readMessageRequest(
  request: Request,
  options: BodyOptions = {},
): Promise<ReadMessage> {
  switch (mediaType(request)) {
    case 'application/json': {
      const text = decodeUtf8(await readOctets(request, JSON_LIMIT, options))
      return checked(parseJson(text), [])
    }
    case 'application/x-www-form-urlencoded': {
      const text = decodeUtf8(await readOctets(request, JSON_LIMIT, options))
      return checked(messageFromForm(urlencodedFields(text)), [])
    }
    case 'multipart/form-data': {
      const boundary = boundaryOf(request.headers.get('content-type') ?? '')
      const octets = await readOctets(request, MULTIPART_LIMIT, options)
      return fromParts(parseMultipart(octets, boundary))
    }
    default:
      throw new PosternError('request.media_type', `Set the content type: ${TYPES}; ${AS_JSON}.`)
  }
}

/** An item of a batch: checked by itself, pointers starting at the item. */
export type BatchItem = ReadMessage | { violations: Violation[] }

/** `POST /v1/messages/batch`: 1 to 100 items. Throws where the envelope around them is wrong. */
export async function readBatchRequest(
  request: Request,
  options: BodyOptions = {},
): Promise<BatchItem[]> {
  if (mediaType(request) !== 'application/json') {
    throw new PosternError('request.media_type', `A batch is sent as JSON; ${AS_JSON}.`)
  }
  const body = parseJson(decodeUtf8(await readOctets(request, JSON_LIMIT, options)))
  return await Promise.all(batchItems(body).map(batchItem))
}

async function batchItem(value: unknown): Promise<BatchItem> {
  const result = check(MessageRequest, value)
  return 'violations' in result ? result : await withHash(result.value, [])
}

function batchItems(body: unknown): unknown[] {
  const items = (body as { messages?: unknown } | null)?.messages
  // One sound item each leaves the generated schema to judge the rest: the list, its length, other fields.
  const outline = Array.isArray(items)
    ? { ...(body as object), messages: items.map(() => ({ from: 'a@example.com' })) }
    : body
  validate(BatchRequest, outline)
  return items as unknown[]
}

function urlencodedFields(text: string): Field[] {
  if (/^\s*[{[]/.test(text)) {
    throw new PosternError('request.malformed', `This is JSON sent as a form: ${AS_JSON}.`)
  }
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0
        ? [decodeField(pair), '']
        : [decodeField(pair.slice(0, equals)), decodeField(pair.slice(equals + 1))]
    })
}

/** Unlike URLSearchParams it refuses what is no UTF-8. A bare % stays one, since curl's -d encodes nothing. */
function decodeField(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' ').replaceAll(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    throw new PosternError('request.malformed', 'A form field is not valid UTF-8.')
  }
}

function fromParts(parts: Part[]): Promise<ReadMessage> {
  const message = parts.find((part) => part.name === 'message')
  // A browser sends a file field without a file as a nameless, empty part.
  const files = parts.filter(
    (part) => part !== message && part.filename !== null && (part.filename || part.content.length),
  )
  const fields = parts.filter((part) => part !== message && part.filename === null)
  return message ? fromMessagePart(message, files, fields) : fromFields(fields, files)
}

function fromMessagePart(message: Part, files: Part[], fields: Part[]): Promise<ReadMessage> {
  if (fields.length > 0) {
    throw invalidRequest(
      fields.map(({ name }) => ({
        pointer: jsonPointer([name]),
        code: 'field.unknown',
        message: `The field "${name.slice(0, 80)}" stands beside the part "message": put it into its JSON.`,
      })),
    )
  }
  return checked(parseMessagePart(decodeUtf8(message.content, 'The part "message"')), files)
}

function parseMessagePart(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof PosternError) || error.message !== CUT) throw error
    const detail = `The part "message" ends before its JSON is complete. curl -F cuts at a ";": use --form-string message='…', or -F 'message=<file.json'.`
    throw new PosternError('request.malformed', detail, { cause: error })
  }
}

function fromFields(fields: Part[], files: Part[]): Promise<ReadMessage> {
  const message = messageFromForm(
    fields.map(({ name, content }) => [name, decodeUtf8(content, 'A form field')]),
  )
  const attachments = files.map(({ name }) => ({ part: name }))
  return checked(attachments.length > 0 ? { ...message, attachments } : message, files)
}

function checked(message: unknown, files: FilePart[]): Promise<ReadMessage> {
  return withHash(validate(MessageRequest, message), files)
}

/** The idempotency key is not part of what it names. */
async function withHash(message: MessageRequest, files: FilePart[]): Promise<ReadMessage> {
  const { idempotency_key: _, ...content } = message
  const described = await Promise.all(
    files.map(async ({ content: octets, ...file }) => ({ ...file, sha256: await sha256(octets) })),
  )
  return {
    message,
    files,
    hash: await sha256(canonicalJson({ message: content, files: described })),
  }
}
