/**
 * The one table of codes: the same word in problem, log and event. A code is never renamed or reused.
 * `status` is the HTTP status where the code ends a request; codes without one occur only in logs, events and items.
 */

import { E2EE_CODES } from './e2ee-code.ts'
import { SOURCE_REASONS } from './source/reason.ts'

export interface ErrorKind {
  status?: number
  /** The problem's `title`: the same for every occurrence. */
  title: string
}

export const ERRORS = {
  'auth.missing': { status: 401, title: 'No API key was given' },
  'auth.invalid': { status: 401, title: 'The API key is not valid' },
  'auth.scope': { status: 403, title: 'The API key lacks the scope' },
  'auth.binding': { status: 403, title: 'The API key is bound to something else' },
  'rate.exceeded': { status: 429, title: 'Too many requests for this key' },
  'route.not_found': { status: 404, title: 'There is no such route' },
  'route.method': { status: 405, title: 'The route has no such method' },
  'request.malformed': { status: 400, title: 'The request could not be read' },
  'request.media_type': { status: 415, title: 'The content type is not supported' },
  'request.timeout': { status: 408, title: 'The body came too slowly' },
  'request.too_large': { status: 413, title: 'The request is too large' },
  'request.invalid': { status: 422, title: 'The request is not valid' },
  'idempotency.conflict': {
    status: 422,
    title: 'The idempotency key was used for another request',
  },
  'idempotency.running': {
    status: 409,
    title: 'A request with this idempotency key is still running',
  },
  'message.not_found': { status: 404, title: 'There is no such message' },
  'message.content_removed': { status: 410, title: 'The content is no longer kept' },
  'message.not_cancelable': { status: 409, title: 'No recipient can be canceled any more' },
  'message.not_scheduled': { status: 409, title: 'The message is not scheduled any more' },
  'message.not_retryable': { status: 409, title: 'No recipient can be tried again' },
  'message.not_unknown': { status: 409, title: 'No recipient has an unknown outcome' },
  'message.protected': { status: 409, title: 'Protected content cannot be changed' },
  'key.not_found': { status: 404, title: 'There is no such key' },
  'key.exists': { status: 409, title: 'There is such a key already' },
  'identity.not_found': { status: 404, title: 'There is no such identity' },
  'identity.token_required': { status: 422, title: "The change needs the signer's token again" },
  'relay.none': { status: 422, title: 'No relay may carry this sender' },
  'relay.not_found': { status: 404, title: 'There is no such relay' },
  'relay.exists': { status: 409, title: 'There is such a relay already' },
  'relay.conflict': { status: 409, title: 'The relay was changed by another request meanwhile' },
  'relay.read_only': { status: 409, title: 'This relay comes from the settings' },
  'relay.credential_required': {
    status: 422,
    title: 'The change needs the password or OAuth secrets again',
  },
  'relay.host_refused': { status: 422, title: 'The relay host is not allowed' },
  'relay.check_failed': { status: 422, title: 'The relay was tried and does not work' },
  'relay.waiting_mail': { status: 409, title: 'Mail is waiting for this relay' },
  'relay.paused': { status: 409, title: 'This relay is paused' },
  'dkim.exists': { status: 409, title: 'There is such a DKIM key already' },
  'dkim.not_found': { status: 404, title: 'There is no such DKIM key' },
  'template.not_found': { status: 404, title: 'There is no such template' },
  'template.conflict': {
    status: 409,
    title: 'The template was changed by another request meanwhile',
  },
  'trigger.not_found': { status: 404, title: 'There is no such trigger' },
  'trigger.exists': { status: 409, title: 'There is such a trigger already' },
  'trigger.rate': { status: 429, title: 'The trigger is called too often' },
  'call.not_found': { status: 404, title: 'There is no such call' },
  'call.body_not_kept': { status: 409, title: 'The body of the call was not kept' },
  // Why a call to a trigger is not taken.
  ...SOURCE_REASONS,
  // Why a message can't be signed or encrypted.
  ...E2EE_CODES,
  'config.invalid': { status: 503, title: 'The settings are incomplete' },
  'storage.full': { status: 503, title: 'The outbox is full' },
  'server.busy': { status: 503, title: 'Too much content is in flight' },
  'server.error': { status: 500, title: 'Something went wrong here' },
  // What can be wrong with one field of any request: the `code` of an item in `errors`.
  'field.required': { title: 'The field is needed' },
  'field.unknown': { title: 'There is no such field' },
  'field.wrong_type': { title: 'The value has another type' },
  'field.not_allowed': { title: 'The value is not one of those allowed' },
  'field.format': { title: 'The value is not written as it has to be' },
  'field.too_long': { title: 'The text is too long' },
  'field.too_short': { title: 'The text is too short' },
  'field.too_many': { title: 'The list has too many entries' },
  'field.too_few': { title: 'The list has too few entries' },
  'field.too_large': { title: 'The number is too large' },
  'field.too_small': { title: 'The number is too small' },
  'field.duplicate': { title: 'The field stands there twice' },
  'field.forbidden': { title: 'A field may not have this name' },
  'field.number': { title: 'The number cannot be kept exactly' },
  // What can be wrong with one field of a submission: the `code` of an item in `errors`.
  'idempotency.key': { title: 'The idempotency key cannot be used' },
  'address.invalid': { title: 'This is no mail address' },
  'from.many': { title: 'A message has one From mailbox' },
  'recipient.none': { title: 'The message has no recipient' },
  'recipient.too_many': { title: 'The message has too many recipients' },
  'recipient.keys_too_large': { title: 'The keys that the request brings are too large' },
  'key.sandbox': { title: 'A sandbox key has no scope but send' },
  'recipient.sandbox': { title: 'The address is for mail of sandbox keys' },
  'text.control': { title: 'A line break or NUL stands where none may' },
  'text.not_unicode': { title: 'The text holds half a surrogate pair' },
  'content.missing': { title: 'The message has neither text nor html' },
  'header.name': { title: 'This is no header field name' },
  'header.value': { title: 'The header field cannot have this value' },
  'header.message_id': { title: 'This is no Message-ID' },
  'header.reserved': { title: 'The header field is set by the gateway' },
  'attachment.base64': { title: 'The content is no base64' },
  'attachment.source': { title: 'An attachment has either content or part' },
  'attachment.part_unknown': { title: 'The request has no such file part' },
  'attachment.part_unused': { title: 'No attachment names this file part' },
  'attachment.invalid': { title: 'The attachment cannot be described' },
  'calendar.invalid': { title: 'The calendar cannot be sent' },
  'unsubscribe.invalid': { title: 'The unsubscribe addresses cannot be used' },
  'raw.bare_cr': { title: 'A CR stands alone in the content' },
  'raw.nul': { title: 'The content holds a NUL' },
  'raw.line_too_long': { title: 'A line of the content is too long' },
  'raw.malformed_header': { title: 'The header cannot be read' },
  'raw.duplicate_header': { title: 'A header field stands there twice' },
  'raw.header_too_large': { title: 'The header is too large' },
  'raw.control_character': { title: 'The header holds a control character' },
  'raw.address': { title: 'An address of the header cannot be used' },
  'raw.no_from': { title: 'The content has no From field' },
  'metadata.too_large': { title: 'The metadata is too large' },
  'send_at.invalid': { title: 'This is no time' },
  'send_at.past': { title: 'The time has passed' },
  'send_at.too_far': { title: 'The time is too far ahead' },
  'notify.invalid': { title: 'The notifications cannot be asked for together' },
  'relay.unknown': { title: 'There is no relay of this name' },
  'relay.port': { title: 'The port is no relay port, or stands there twice' },
  'pattern.invalid': { title: 'This is no address pattern' },
  'expires_at.past': { title: 'The time has passed' },
  'protocol.unknown': { title: 'No provider for this protocol is configured' },
  'domain.invalid': { title: 'This is no domain' },
  'key.private': { title: 'A private key stands where a public one belongs' },
  'identity.url': { title: 'The URL of the signer is not allowed' },
  'dkim.key': { title: 'The private key cannot be used' },
  'template.unknown': { title: 'There is no template of this name or version' },
  'template.empty': { title: 'The template says nothing' },
  'template.syntax': { title: 'The template is no Liquid as it is spoken here' },
  'template.variable': { title: 'The template asks for what the data has not' },
  'template.value': { title: 'The template cannot use a value as it does' },
  'template.partial': { title: 'The template renders one that is not there' },
  'template.limit': { title: 'The template goes over a limit' },
  'template.output': { title: 'What the template comes to cannot be sent' },
  'template.overlap': { title: 'The template says this already' },
  'trigger.open': { title: 'The trigger needs a list of those whom it may mail' },
  'trigger.form': { title: 'A form mails fixed recipients only' },
  'trigger.each': { title: 'There is no list to go through' },
  'recipient.not_allowed': { title: 'The trigger may not mail this address' },
  'relay.sender': { title: 'This relay may not carry the sender' },
} as const satisfies Record<string, ErrorKind>

/** Every code there is. */
export type AnyCode = keyof typeof ERRORS

/** The codes that end a request. */
export type ErrorCode = {
  [Code in AnyCode]: (typeof ERRORS)[Code] extends { status: number } ? Code : never
}[AnyCode]

/** One thing wrong with the request: a JSON Pointer into it, a code, and what to do. */
export interface Violation {
  pointer: string
  code: string
  message: string
  /** Where it stands in a template: its name, a JSON Pointer into it, line and column from 1. */
  template?: string
  part?: string
  line?: number | null
  column?: number | null
}

export class PosternError extends Error {
  override readonly name = 'PosternError'
  readonly code: ErrorCode
  readonly status: number
  readonly violations: Violation[]
  readonly retryAfterS: number | undefined
  /** Further members of the problem (RFC 9457 §3.2). */
  readonly members: Record<string, unknown>

  /** `detail` says what was wrong and what to do; never a secret, never content. */
  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      violations?: Violation[]
      retryAfterS?: number
      members?: Record<string, unknown>
      cause?: unknown
    } = {},
  ) {
    super(detail, { cause: options.cause })
    this.code = code
    this.status = ERRORS[code].status
    this.violations = options.violations ?? []
    this.retryAfterS = options.retryAfterS
    this.members = options.members ?? {}
  }
}

/** `request.invalid`; its detail is the first violation. */
export function invalidRequest(violations: Violation[]): PosternError {
  const [first] = violations
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : ''
  const detail = first ? `${first.pointer ? `${first.pointer}: ` : ''}${first.message}${more}` : ''
  return new PosternError('request.invalid', detail, { violations })
}
