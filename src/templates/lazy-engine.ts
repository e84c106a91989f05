/** The engine with its library, which takes a while to start, loaded by whoever first needs a template. */

import type { TemplateEngine } from '../ports/template-engine.ts'

async function load(): Promise<TemplateEngine> {
  return (await import('./engine.ts')).liquidEngine
}

export const lazyLiquidEngine: TemplateEngine = {
  check: async (...args) => (await load()).check(...args),
  checkExpression: async (...args) => (await load()).checkExpression(...args),
  render: async (...args) => (await load()).render(...args),
  evaluate: async (...args) => (await load()).evaluate(...args),
}
