/** Templates rendered by the engine as the tests write them: only the parts that matter. */

import {
  type RenderedTemplate,
  TemplateError,
  type TemplateFault,
  type TemplateSource,
} from '../../src/domain/template.ts'
import { liquidEngine } from '../../src/templates/engine.ts'

type Parts = Partial<TemplateSource>

export function template(id: string, parts: Parts) {
  return { id, subject: null, text: null, html: null, headers: {}, ...parts }
}

export async function render(
  parts: Parts,
  data: Record<string, unknown> = {},
  partials: Record<string, Parts> = {},
): Promise<RenderedTemplate> {
  return await liquidEngine.render(template('welcome', parts), data, async (id) => {
    const partial = partials[id]
    return partial ? template(id, partial) : null
  })
}

/** What a rendering that has to fail says. */
export async function faults(...args: Parameters<typeof render>): Promise<TemplateFault[]> {
  try {
    await render(...args)
  } catch (error) {
    if (error instanceof TemplateError) return error.faults
    throw error
  }
  throw new Error('it was rendered')
}
