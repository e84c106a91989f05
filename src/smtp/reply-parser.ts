/**
 * Reads replies (RFC 5321 §4.2) out of octets as they come: any octet in the text, any number of lines within bounds,
 * CRLF or LF. What isn't a reply is a fault, after which the session can't be trusted.
 */

import type { Reply } from '../domain/reply.ts'

const MAX_LINE = 512
const MAX_REPLY = 64 * 1024
const MAX_TEXT = 500
const LF = 10
const CR = 13

/** A complete reply with its lines as they came, for those who read more than the code. */
export interface FullReply {
  code: number
  enhanced: string | undefined
  /** One per line, code and enhanced code taken off. */
  lines: string[]
  /** What a relay might repeat and nobody may keep. */
  secrets?: readonly string[]
}

export type ReplyFault = 'not_a_reply' | 'line_too_long' | 'reply_too_long' | 'codes_differ'

export class ReplyParser {
  #partial: Uint8Array | undefined
  #octets = 0
  #code = 0
  #lines: string[] = []
  readonly #secrets: readonly string[]
  /** Set once what came is no reply; nothing is read after that. */
  fault: ReplyFault | undefined

  /** `secrets` may grow. */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets
  }

  /** True while a reply has begun and not ended. */
  get midReply(): boolean {
    return this.#partial !== undefined || this.#lines.length > 0
  }

  /** Answers the replies that this chunk completes. */
  push(chunk: Uint8Array): FullReply[] {
    const replies: FullReply[] = []
    let start = 0
    while (this.fault === undefined && start < chunk.length) {
      const at = chunk.indexOf(LF, start)
      const piece = chunk.subarray(start, at < 0 ? chunk.length : at)
      start += piece.length + 1
      const octets = this.#joined(piece)
      if (octets.length > MAX_LINE + 1) this.fault = 'line_too_long'
      // A copy: the chunk may be large and is not ours to keep.
      else if (at < 0) this.#partial = octets.slice()
      else {
        const reply = this.#line(octets)
        if (reply && this.#secrets.length > 0) reply.secrets = this.#secrets
        if (reply) replies.push(reply)
      }
    }
    return replies
  }

  #joined(piece: Uint8Array): Uint8Array {
    const partial = this.#partial
    this.#partial = undefined
    if (!partial || piece.length > MAX_LINE + 1) return piece
    const joined = new Uint8Array(partial.length + piece.length)
    joined.set(partial)
    joined.set(piece, partial.length)
    return joined
  }

  #line(octets: Uint8Array): FullReply | undefined {
    const line = octets.at(-1) === CR ? octets.subarray(0, -1) : octets
    this.#octets += octets.length + 1
    if (line.length > MAX_LINE) return this.#faulty('line_too_long')
    if (this.#octets > MAX_REPLY) return this.#faulty('reply_too_long')
    const text = decode(line)
    const match = /^([2-5][0-9][0-9])(?:([ -])|$)/.exec(text)
    if (!match) return this.#faulty('not_a_reply')
    const code = Number(match[1])
    if (this.#lines.length > 0 && code !== this.#code) return this.#faulty('codes_differ')
    this.#code = code
    this.#lines.push(text.slice(4))
    if (match[2] === '-') return undefined
    const reply = withoutEnhanced(code, this.#lines)
    this.#lines = []
    this.#octets = 0
    return reply
  }

  #faulty(fault: ReplyFault): undefined {
    this.fault = fault
  }
}

/** Takes the enhanced code (RFC 2034 §4) off each line; lines without one stay as they are. */
function withoutEnhanced(code: number, lines: string[]): FullReply {
  const enhanced = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/.exec(lines[0] ?? '')?.[0]
  if (enhanced === undefined) return { code, enhanced, lines }
  const strip = (line: string) =>
    line === enhanced || line.startsWith(`${enhanced} `) ? line.slice(enhanced.length + 1) : line
  return { code, enhanced, lines: lines.map(strip) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 where it is, else one character per octet. */
function decode(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch {
    return Array.from(octets, (octet) => String.fromCharCode(octet)).join('')
  }
}

/** The reply as it is kept: control characters escaped, cut, and without the secrets a relay might repeat. */
export function toReply(full: FullReply): Reply {
  let text = escapeControls(redacted(full))
  if (text.length > MAX_TEXT) {
    // Never half a surrogate pair.
    text = text.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, '')
  }
  const { code, enhanced } = full
  return enhanced === undefined ? { code, text } : { code, enhanced, text }
}

function redacted({ lines, secrets = [] }: FullReply): string {
  const said = secrets.filter((secret) => secret !== '')
  const text = said.reduce(
    (rest, secret) => rest.replaceAll(secret, '[redacted]'),
    lines.join('\n'),
  )
  // A long one goes over the ends of lines: then nothing of the reply is kept.
  const whole = text.replaceAll('\n', '')
  return said.some((secret) => whole.includes(secret)) ? '[redacted]' : text
}

/** C0 but for LF between lines, DEL, C1, and what turns or breaks a line of log. */
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const hex = character.charCodeAt(0).toString(16)
    return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
  })
}
