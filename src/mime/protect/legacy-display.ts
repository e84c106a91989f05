/**
 * Legacy display (RFC 9788 section 5.2.2): what the outer header hides stands at the top of the main text too, for readers
 * that know nothing of protected headers. Those that do leave it out.
 */

import { type Field, fieldText, unfold } from '../header.ts'
import { decodeText } from '../words.ts'
import { withParameters } from './media-type.ts'

/** Puts the display into decoded content that streams by. */
export interface Inserter {
  push(octets: Uint8Array): Uint8Array
  finish(): Uint8Array
}

export interface LegacyDisplay {
  /** The Content-Type value with its mark. */
  contentType(value: string): string
  inserter: Inserter
}

const ASCII = /^[\x00-\x7f]*$/
/** Charsets in which US-ASCII is US-ASCII from the first octet on. */
const ASCII_BASED =
  /^(?:iso-8859-|windows-125|koi8-|euc-|gbk?$|gb2312|gb18030|big5|shift_jis|iso-2022-jp)/i
/** In how much of an HTML text its <body> is looked for. */
const HTML_HEAD = 64 * 1024

/** The display for a part, or undefined where it can have none. */
export function displayFor(
  type: string,
  parameters: ReadonlyMap<string, string>,
  fields: readonly Field[],
): LegacyDisplay | undefined {
  if (fields.length === 0 || (type !== 'text/plain' && type !== 'text/html')) return undefined
  const text = fields.map((field) => `${field.name}: ${shownValue(field)}\r\n`).join('')
  const charset = parameters.get('charset') ?? 'us-ascii'
  const unicode = /^(?:utf-?8|(?:us-)?ascii)$/i.test(charset)
  if (!unicode && !(ASCII.test(text) && ASCII_BASED.test(charset))) return undefined
  const marks: [string, string][] = [['hp-legacy-display', '1']]
  if (unicode && !ASCII.test(text)) marks.unshift(['charset', 'utf-8'])
  const display = type === 'text/html' ? new HtmlInserter(htmlOf(text)) : plainInserter(text)
  return { contentType: (value) => withParameters(value, marks), inserter: display }
}

/** On one line whatever an encoded-word holds: a line of its own would look like another field. */
function shownValue(field: Field): string {
  return decodeText(fieldText(field) ?? unfold(field))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
}

function htmlOf(text: string): string {
  const escaped = text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
  return `<div class="header-protection-legacy-display">\r\n<pre>${escaped.trimEnd()}</pre>\r\n</div>\r\n`
}

function plainInserter(text: string): Inserter {
  let before = Buffer.from(`${text}\r\n`, 'utf8')
  const take = (octets: Uint8Array) => {
    const all = Buffer.concat([before, octets])
    before = Buffer.alloc(0)
    return all
  }
  return { push: take, finish: () => take(new Uint8Array(0)) }
}

/** After <body>, else after the head, else at the start. */
class HtmlInserter implements Inserter {
  readonly #display: string
  #held = ''
  #done = false

  constructor(display: string) {
    this.#display = Buffer.from(display, 'utf8').toString('latin1')
  }

  push(octets: Uint8Array): Uint8Array {
    if (this.#done) return octets
    this.#held += Buffer.from(octets).toString('latin1')
    // Looked for once, not with every line: hostile text would make that the cube of its length.
    return this.#held.length > HTML_HEAD ? this.finish() : new Uint8Array(0)
  }

  finish(): Uint8Array {
    if (this.#done) return new Uint8Array(0)
    this.#done = true
    const at = placeIn(this.#held)
    return Buffer.from(
      `${this.#held.slice(0, at)}${at > 0 ? '\r\n' : ''}${this.#display}${this.#held.slice(at)}`,
      'latin1',
    )
  }
}

/** Each octet is looked at so often, whatever it is. */
function placeIn(html: string): number {
  const body = html.search(BODY)
  const end = body < 0 ? 0 : html.indexOf('>', body) + 1
  if (end > 0) return end
  const match = HEAD.exec(html) ?? PROLOGUE.exec(html)
  return match ? match.index + match[0].length : 0
}

const BODY = /<body[\s>]/i
const HEAD = /<\/head\s*>/i
const PROLOGUE = /^\s*(?:<!doctype[^>]*>\s*)?(?:<html(?:\s[^>]*)?>)?/i
