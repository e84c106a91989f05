/** Reads the fields of one JSON object, strictly, and collects what is wrong with them: never with their values. */

import type { AnyCode, Violation } from '../errors.ts'
import { jsonPointer } from '../json-pointer.ts'
import { listed } from '../listed.ts'

export interface TextRule {
  form: { test(text: string): boolean }
  /** What it should be, said after the field's name. */
  expected: string
}

export class FieldReader {
  readonly #fields: Record<string, unknown>
  readonly #pointer: string
  readonly #violations: Violation[]
  readonly #known = new Set<string>()

  constructor(fields: object, pointer: string, violations: Violation[]) {
    this.#fields = { ...fields }
    this.#pointer = pointer
    this.#violations = violations
  }

  add(field: string, code: AnyCode, message: string): void {
    this.#violations.push({ pointer: this.#pointer + jsonPointer([field]), code, message })
  }

  /** Absent and null are the fallback; without one the field is needed. Empty where it is wrong. */
  text(field: string, rule: TextRule, fallback?: string): string
  text(field: string, rule: TextRule, fallback: null): string | null
  text(field: string, rule: TextRule, fallback?: string | null): string | null {
    const value = this.#take(field)
    if (value === undefined || value === null) {
      if (fallback !== undefined) return fallback
      this.add(field, 'field.required', rule.expected)
    } else if (typeof value !== 'string') {
      this.add(field, 'field.wrong_type', 'has to be text')
    } else if (rule.form.test(value)) {
      return value
    } else {
      this.add(field, 'field.format', rule.expected)
    }
    return ''
  }

  oneOf<T extends string>(field: string, choices: readonly T[], fallback: T): T {
    const value = this.#take(field) ?? fallback
    const found = choices.find((choice) => choice === value)
    if (!found) this.add(field, 'field.not_allowed', `has to be ${listed(choices, 'or')}`)
    return found ?? fallback
  }

  integer(field: string, fallback: number, least: number, most: number): number {
    const value = this.#take(field) ?? fallback
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      this.add(field, 'field.wrong_type', 'has to be a whole number')
    } else if (value < least) this.add(field, 'field.too_small', `has to be ${least} or more`)
    else if (value > most) this.add(field, 'field.too_large', `has to be ${most} or less`)
    else return value
    return fallback
  }

  texts(field: string, rule: TextRule, most: number): string[] {
    const value = this.#take(field)
    if (!Array.isArray(value)) {
      const isAbsent = value === undefined || value === null
      if (isAbsent)
        this.add(field, 'field.required', `is needed: a list, each of which ${rule.expected}`)
      else this.add(field, 'field.wrong_type', 'has to be a list')
      return []
    }
    if (value.length === 0) this.add(field, 'field.too_few', `has to have one at least`)
    if (value.length > most) this.add(field, 'field.too_many', `has to have ${most} at most`)
    const items = new FieldReader(value, this.#pointer + jsonPointer([field]), this.#violations)
    return value.slice(0, most).map((_, index) => items.text(String(index), rule))
  }

  /** Points at every field that nobody asked for. */
  end(): void {
    for (const field of Object.keys(this.#fields)) {
      if (this.#known.has(field)) continue
      const known = [...this.#known]
      const message =
        known.length === 0 ? 'this source has no other field' : `the fields are ${listed(known)}`
      this.add(field, 'field.unknown', message)
    }
  }

  #take(field: string): unknown {
    this.#known.add(field)
    return this.#fields[field]
  }
}
