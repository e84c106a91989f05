/** What Liquid, and the record of calls, see of a call: its body read by its type, its headers and query without secrets. */

import type { CallScope } from '../domain/call.ts'
import { PosternError } from '../domain/errors.ts'
import type { SourceConfig } from '../domain/source/source.ts'

const REDACTED = '[redacted]'
/** Proofs, credentials, and where people are. */
const PRIVATE =
  /^cf-(?:ip|metro|postal|region|timezone)|authoriz|(?:^|[-_])(?:auth|ip|key|pass|pwd|sid|sig)(?:$|[-_])|apikey|cookie|credential|forwarded|hmac|jwt|passw|secret|session|signature|token/i

export interface RawCall {
  query: Iterable<[string, string]>
  headers: Iterable<[string, string]>
  /** Of the Content-Type header. */
  type: string
  body: Uint8Array
  /** What was signed, where that is not the whole body. */
  signed?: Record<string, string>
}

/** @throws PosternError `request.malformed` */
export async function scopeOf(call: RawCall, source: SourceConfig): Promise<CallScope> {
  const proofs = source.type === 'hmac' || source.type === 'bearer' ? [source.header] : []
  const headers = [...call.headers].map(([name, value]): [string, string] => {
    const lower = name.toLowerCase()
    const isPrivate = PRIVATE.test(lower) || proofs.includes(lower)
    return [lower, isPrivate ? REDACTED : clean(value)]
  })
  const query = [...call.query].map(([name, value]): [string, string] => [
    clean(name),
    PRIVATE.test(name) ? REDACTED : clean(value),
  ])
  return {
    payload: call.signed ? signedPayload(call.signed) : await payloadOf(call, source),
    headers: Object.fromEntries(headers),
    query: grouped(query),
  }
}

/** Of what SNS signs, `Message` is often JSON itself: then `json` is what it says. */
function signedPayload(signed: Record<string, string>): Record<string, unknown> {
  const fields = Object.fromEntries(
    Object.entries(signed).map(([name, text]) => [name, clean(text)]),
  )
  return { ...fields, json: jsonIn(signed.Message) ?? null }
}

async function payloadOf({ type, body }: RawCall, source: SourceConfig): Promise<unknown> {
  const kind = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (/^(?:application|text)\/(?:[\w.-]+\+)?json$/.test(kind)) return readJson(textOf(body))
  if (kind !== 'application/x-www-form-urlencoded' && kind !== 'multipart/form-data') {
    const text = textOf(body)
    return kind === '' ? (jsonIn(text) ?? clean(text)) : clean(text)
  }
  const fields = grouped(await formFields(type, body))
  // GitHub and Slack may put their JSON into a field.
  const inField = source.type === 'github' || source.type === 'slack' ? fields.payload : undefined
  return (typeof inField === 'string' ? jsonIn(inField) : undefined) ?? fields
}

async function formFields(type: string, body: Uint8Array): Promise<[string, string][]> {
  try {
    const octets = body as Uint8Array<ArrayBuffer>
    const form = await new Response(octets, { headers: { 'content-type': type } }).formData()
    return [...form].map(([name, value]) => [
      clean(name),
      clean(typeof value === 'string' ? value : value.name),
    ])
  } catch (cause) {
    throw new PosternError('request.malformed', 'The body is no form of its type.', { cause })
  }
}

function readJson(text: string): unknown {
  const value = jsonIn(text)
  if (value !== undefined) return value
  throw new PosternError('request.malformed', 'The body is no JSON.')
}

/** Undefined where it is none. Whole numbers that no number holds exactly become text. */
function jsonIn(text: string | undefined): unknown {
  const exact = (_: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value === 'string') return clean(value)
    const isRounded = typeof value === 'number' && !Number.isSafeInteger(value)
    const source = context?.source ?? ''
    return isRounded && /^-?\d+$/.test(source) ? source : value
  }
  try {
    return JSON.parse(text ?? '', exact as (key: string, value: unknown) => unknown)
  } catch {
    return undefined
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder('utf-8').decode(body)
}

/** Without what no mail may hold: a call is not refused for a NUL or half a character. */
function clean(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

/** An own property for every name, whatever it is. One pass: anybody may repeat a name half a million times. */
function grouped(fields: [string, string][]): Record<string, string | string[]> {
  const values = new Map<string, string | string[]>()
  for (const [name, value] of fields) {
    const known = values.get(name)
    if (Array.isArray(known)) known.push(value)
    else values.set(name, known === undefined ? value : [known, value])
  }
  return Object.fromEntries(values)
}
