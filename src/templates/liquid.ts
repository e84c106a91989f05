/** LiquidJS as it is used here: one instance escapes for HTML, one leaves text as it is. Neither knows any file. */

import { Liquid, type Template, toValueSync } from 'liquidjs'
import type { CountedContext } from './context.ts'
import { PartialError } from './fault.ts'
import { escapeHtml, filtersFor } from './filters.ts'
import { OPERATORS } from './operators.ts'
import { type CountedEmitter, RENDERER } from './renderer.ts'
import { TAGS } from './tags.ts'

export type PartKind = 'html' | 'text'
/** Parsed, or why there is nothing to render. */
export type Partials = ReadonlyMap<string, Template[] | { problem: string }>

const NONE: Partials = new Map()

function noFile(): never {
  throw new PartialError('templates are no files')
}

const NO_FILES = {
  exists: async () => false,
  existsSync: () => false,
  readFile: async () => noFile(),
  readFileSync: noFile,
  resolve: noFile,
}

export class PartLiquid extends Liquid {
  #partials = NONE

  constructor(kind: PartKind) {
    super({
      strictFilters: true,
      strictVariables: true,
      // `if` and `default` may ask for what is absent.
      lenientIf: true,
      ownPropertyOnly: true,
      operators: OPERATORS,
      relativeReference: false,
      fs: NO_FILES,
      timezoneOffset: 0,
      locale: 'en-US',
      dateFormat: '%Y-%m-%d',
      ...(kind === 'html' && { outputEscape: escapeHtml as never }),
    })
    const parts = { renderer: RENDERER, tags: Object.create(null), filters: Object.create(null) }
    Object.assign(this, parts)
    for (const [name, tag] of Object.entries(TAGS)) this.registerTag(name, tag as never)
    for (const [name, filter] of Object.entries(filtersFor(kind)))
      this.registerFilter(name, filter as never)
  }

  /** Synchronous, so that the partials are those of one rendering. */
  renderWith(
    partials: Partials,
    templates: Template[],
    ctx: CountedContext,
    emitter: CountedEmitter,
  ): string {
    this.#partials = partials
    try {
      toValueSync(this.renderer.renderTemplates(templates, ctx, emitter))
      return emitter.buffer
    } finally {
      this.#partials = NONE
    }
  }

  override _parsePartialFile(name: string): never {
    const found = this.#partials.get(name)
    if (Array.isArray(found)) return found as never
    throw new PartialError(found?.problem ?? 'there is no such template')
  }

  override _parseLayoutFile(name: string): never {
    return this._parsePartialFile(name)
  }

  override _parseFile(): never {
    return noFile()
  }
}
