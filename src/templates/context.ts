/** Variables of one rendering: own properties only, and of LiquidJS's own objects only what Liquid has. */

import { Context, Drop, type Liquid } from 'liquidjs'
import type { Budget } from './budget.ts'

/** Of `forloop`, `tablerowloop` and `block`. */
const DROP_FIELDS = new Set(
  'index index0 rindex rindex0 first last length name row col col0 col_first col_last super'.split(
    ' ',
  ),
)
/** The one built-in clock is never asked. */
const NO_CLOCK = { check: () => undefined, use: () => undefined }

/** LiquidJS knows it by this name. */
class AbsentError extends Error {
  override readonly name = 'InternalUndefinedVariableError'
}

export class CountedContext extends Context {
  readonly budget: Budget

  constructor(scope: object, liquid: Liquid, budget: Budget, strictVariables = true) {
    const limits = { memoryLimit: budget, renderLimit: NO_CLOCK, liquid }
    super(
      scope,
      liquid.options,
      { sync: true, strictVariables, ownPropertyOnly: true },
      limits as never,
    )
    this.budget = budget
  }

  override spawn(scope: object = {}): CountedContext {
    return new CountedContext(scope, this.liquid, this.budget, this.strictVariables)
  }

  /** Without LiquidJS's message, which spells out every key on the way. */
  override *_getFromScope(
    scope: unknown,
    paths: unknown[] | string,
    strict = this.strictVariables,
  ): IterableIterator<unknown> {
    let value = scope
    for (const key of typeof paths === 'string' ? paths.split('.') : paths) {
      value = yield this.readProperty(value as never, key)
      if (strict && value === undefined) throw new AbsentError()
    }
    return value
  }

  override readProperty(object: never, key: unknown): unknown {
    if (typeof key !== 'string' && typeof key !== 'number') return undefined
    if ((object as unknown) instanceof Drop && !DROP_FIELDS.has(String(key))) return undefined
    const value: unknown = super.readProperty(object, key)
    // The fields of an object are counted one by one.
    if (key === 'size' && typeof value === 'number') this.budget.step(1 + (value >> 3))
    return value
  }
}
