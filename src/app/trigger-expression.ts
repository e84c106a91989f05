/** One expression of a trigger over one call. */

import type { CallScope } from '../domain/call.ts'
import type { Violation } from '../domain/errors.ts'
import { TemplateError } from '../domain/template.ts'
import type { TemplateDeps } from './render-template.ts'
import { faultIn } from './trigger-template.ts'

/** What isn't there is nil: a condition may ask for it. */
export async function evaluate(
  { templateEngine }: TemplateDeps,
  expression: string | null,
  scope: CallScope,
  at: string,
): Promise<{ value: unknown } | { violations: Violation[] }> {
  try {
    const value =
      expression === null
        ? true
        : await templateEngine.evaluate(expression, scope, { absent: 'nil' })
    return { value }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { violations: error.faults.map((fault) => faultIn(at, fault)) }
  }
}
