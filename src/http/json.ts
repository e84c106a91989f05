/**
 * JSON (RFC 8259) read strictly. `JSON.parse` keeps the last of two equal keys, lets `__proto__` through and rounds large
 * numbers in silence; here each of them is refused and pointed at.
 */

import { type AnyCode, PosternError } from '../domain/errors.ts'
import { jsonPointer } from '../domain/json-pointer.ts'

/** Arrays and objects within one another. */
export const MAX_DEPTH = 64
/** Each takes far more memory than its few octets: more than the largest batch has. */
export const MAX_VALUES = 500_000

/** Throws `request.malformed`. */
export function parseJson(text: string): unknown {
  return new JsonReader(text).read()
}

type Path = (string | number)[]

class JsonReader {
  readonly #text: string
  readonly #path: Path = []
  #at = 0
  #values = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): unknown {
    const value = this.#value()
    this.#blanks()
    if (this.#at < this.#text.length) this.#unexpected()
    return value
  }

  #value(): unknown {
    if (++this.#values > MAX_VALUES) {
      throw new PosternError('request.malformed', `The JSON holds more than ${MAX_VALUES} values.`)
    }
    this.#blanks()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested('}', () => this.#object())
      case '[':
        return this.#nested(']', () => this.#array())
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #nested<T>(end: string, read: () => T): T {
    if (this.#path.length >= MAX_DEPTH) {
      throw new PosternError(
        'request.malformed',
        `The JSON is nested deeper than ${MAX_DEPTH} levels.`,
      )
    }
    this.#at++
    const value = read()
    this.#blanks()
    if (this.#text[this.#at] !== end) this.#unexpected()
    this.#at++
    return value
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#blanks()
    if (this.#text[this.#at] === '}') return object
    for (;;) {
      this.#blanks()
      if (this.#text[this.#at] !== '"') this.#unexpected()
      const key = this.#string()
      this.#path.push(key)
      this.#checkKey(object, key)
      this.#blanks()
      if (this.#text[this.#at++] !== ':') this.#unexpected(-1)
      object[key] = this.#value()
      this.#path.pop()
      this.#blanks()
      if (this.#text[this.#at] !== ',') return object
      this.#at++
    }
  }

  #checkKey(object: object, key: string): void {
    if (key === '__proto__') {
      this.#refuse('field.forbidden', 'The key "__proto__" is refused.')
    }
    if (Object.hasOwn(object, key)) {
      this.#refuse('field.duplicate', `The key "${key.slice(0, 80)}" stands here twice.`)
    }
  }

  #array(): unknown[] {
    const array: unknown[] = []
    this.#blanks()
    if (this.#text[this.#at] === ']') return array
    for (;;) {
      this.#path.push(array.length)
      array.push(this.#value())
      this.#path.pop()
      this.#blanks()
      if (this.#text[this.#at] !== ',') return array
      this.#at++
    }
  }

  #string(): string {
    const start = this.#at
    let end = start
    do {
      end = this.#text.indexOf('"', end + 1)
      if (end < 0) this.#cut()
    } while (isEscaped(this.#text, end))
    this.#at = end + 1
    try {
      return JSON.parse(this.#text.slice(start, end + 1))
    } catch {
      throw new PosternError(
        'request.malformed',
        `The JSON has a bad escape or a bare control character in the string that begins at position ${start}.`,
      )
    }
  }

  #number(): number {
    const pattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (!match) return this.#unexpected()
    this.#at = pattern.lastIndex
    const value = Number(match[0])
    const whole = match[1] === undefined && match[2] === undefined
    if (whole ? !Number.isSafeInteger(value) : !Number.isFinite(value)) {
      this.#refuse(
        'field.number',
        'The number is too large to be kept exactly: give it as a string.',
      )
    }
    return value
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected()
    this.#at += word.length
    return value
  }

  #blanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  /** Says where, never what: the text is the caller's content. */
  #unexpected(offset = 0): never {
    const at = this.#at + offset
    if (at >= this.#text.length) this.#cut()
    throw new PosternError('request.malformed', `The JSON has an error at position ${at}.`)
  }

  #cut(): never {
    throw new PosternError('request.malformed', CUT)
  }

  #refuse(code: AnyCode, message: string): never {
    const violations = [{ pointer: jsonPointer(this.#path), code, message }]
    throw new PosternError('request.malformed', message, { violations })
  }
}

/** How the detail of a JSON that ends too early begins. */
export const CUT = 'The JSON ends before it is complete.'

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0
  while (text[quote - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}
