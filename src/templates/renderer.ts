/** The loop that all rendering goes through. */

import { Buffer } from 'node:buffer'
import { type Context, type Emitter, type Liquid, type Template, TokenKind } from 'liquidjs'
import type { Budget } from './budget.ts'
import type { CountedContext } from './context.ts'
import { locate } from './fault.ts'
import { weightOf } from './parser.ts'
import { textOf } from './values.ts'

type Charge = (text: string) => void

export class CountedEmitter implements Emitter {
  buffer = ''
  readonly #budget: Budget
  readonly #charge: Charge
  readonly #into: Emitter | undefined

  /** What is written goes on `into` another emitter too. */
  constructor(budget: Budget, charge: Charge, into?: Emitter) {
    this.#budget = budget
    this.#charge = charge
    this.#into = into
  }

  write(value: unknown): void {
    const text = textOf(value, this.#budget)
    this.#charge(text)
    this.buffer += text
    this.#into?.write(text)
  }
}

/** For the outermost: what it holds is what comes out. */
export function outputEmitter(budget: Budget): CountedEmitter {
  return new CountedEmitter(budget, (text) => budget.output(Buffer.byteLength(text)))
}

function* renderTemplates(
  templates: Template[],
  context: Context,
  emitter?: Emitter,
): IterableIterator<unknown> {
  const ctx = context as CountedContext
  const { budget } = ctx
  const out =
    emitter instanceof CountedEmitter
      ? emitter
      : new CountedEmitter(budget, (text) => budget.use(text.length), emitter)
  let at = templates[0]
  try {
    budget.enter()
    budget.step()
    for (const template of templates) {
      at = template
      budget.step(template.token.kind === TokenKind.HTML ? 1 : weightOf(template))
      const text = yield template.render(ctx, out)
      if (text) out.write(text)
      if (ctx.breakCalled || ctx.continueCalled) break
    }
  } catch (error) {
    throw at ? locate(error, at.token) : error
  } finally {
    budget.leave()
  }
  return out.buffer
}

export const RENDERER = { renderTemplates } as unknown as Liquid['renderer']
