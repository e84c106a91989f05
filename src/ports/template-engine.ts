/** Rendering of Liquid. Whatever it does is counted and stops at a limit, so that no template or data can hold the gateway. */

import type { RenderedTemplate, TemplateFault, TemplateSource } from '../domain/template.ts'

/** What was parsed is kept for as long as the object lives: hand in the same one for the same source. */
export type NamedTemplate = TemplateSource & { id: string }

export interface TemplateEngine {
  /** What is wrong with a template before it has data; at most one fault for each part. */
  check(template: NamedTemplate): Promise<TemplateFault[]>
  /** What is wrong with an expression, before it has values. */
  checkExpression(expression: string): Promise<TemplateFault[]>
  /**
   * All parts, sharing one set of limits. `partial` loads what `render` and `layout` name; null where there is none.
   * @throws TemplateError with a fault for each part that can't be rendered
   */
  render(
    template: NamedTemplate,
    data: Record<string, unknown>,
    partial: (id: string) => Promise<NamedTemplate | null>,
  ): Promise<RenderedTemplate>
  /**
   * The value of one expression with its filters: `payload.action == "opened"`, `payload.items | map: "name"`.
   * What is absent from the scope is refused, or with `absent: 'nil'` nil.
   * @throws TemplateError
   */
  evaluate(
    expression: string,
    scope: Record<string, unknown>,
    options?: { absent?: 'refuse' | 'nil' },
  ): Promise<unknown>
}
