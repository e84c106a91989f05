/** Collects everything wrong with one request, so that the caller mends it in one go. */

import { type AnyCode, invalidRequest, type Violation } from '../domain/errors.ts'

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
    if (this.any) throw invalidRequest(this.list)
  }
}
