/** Collects everything wrong with one request, so that the caller mends it in one go. */

import { type AnyCode, PosternError, type Violation } from '../domain/errors.ts'

export class Violations {
  readonly list: Violation[] = []

  add(pointer: string, code: AnyCode, message: string): void {
    this.list.push({ pointer, code, message })
  }

  /** Takes over the findings of a pure core, each only where nothing was found yet. */
  addAll(found: Violation[]): void {
    for (const violation of found) {
      if (!this.at(violation.pointer)) this.list.push(violation)
    }
  }

  /** Something is wrong at this place already: a second finding would only repeat it. */
  at(pointer: string): boolean {
    return this.list.some((violation) => violation.pointer === pointer)
  }

  /** Something is wrong in one of these fields or below. */
  under(...fields: string[]): boolean {
    return this.list.some(({ pointer }) =>
      fields.some((field) => pointer === field || pointer.startsWith(`${field}/`)),
    )
  }

  get any(): boolean {
    return this.list.length > 0
  }

  /** Throws `request.invalid` with all of them where there is one. */
  throwIfAny(): void {
    const [first] = this.list
    if (!first) return
    const more = this.list.length - 1
    const detail = first.pointer ? `${first.pointer}: ${first.message}` : first.message
    throw new PosternError('request.invalid', more > 0 ? `${detail} (and ${more} more)` : detail, {
      violations: this.list,
    })
  }
}

/** A JSON Pointer (RFC 6901) from its unescaped parts. */
export function pointer(...parts: (string | number)[]): string {
  return parts.map((part) => `/${String(part).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('')
}
