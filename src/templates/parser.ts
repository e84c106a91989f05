/** Parses with counted nesting, and weighs each tag by its own source: long lists of branches take their time too. */

import './tokenizer.ts'
import {
  type Liquid,
  ParseError,
  Parser,
  type Template,
  TokenKind,
  type TopLevelToken,
} from 'liquidjs'
import { LIMITS, LimitError } from './limits.ts'

/** Characters of source that make one more step. */
const CHARACTERS_A_STEP = 16

const weights = new WeakMap<Template, number>()

export function weightOf(template: Template): number {
  return weights.get(template) ?? 1
}

export class CountedParser extends Parser {
  /** What `render` and `layout` name. */
  readonly partials = new Set<string>()
  #tags = 0
  #depth = 0
  /** Characters of tags within the one at hand. */
  #inner = 0

  constructor(liquid: Liquid) {
    super(liquid)
  }

  override parse(source: string, file?: string): Template[] {
    if (source.length > LIMITS.source) throw new LimitError('source')
    if ((source.match(/\{[{%]/g)?.length ?? 0) > LIMITS.tags) throw new LimitError('tags')
    return super.parse(source, file)
  }

  override parseToken(
    token: TopLevelToken,
    rest: TopLevelToken[],
  ): ReturnType<Parser['parseToken']> {
    const limit = this.#overstepped(token)
    if (limit) throw new ParseError(limit, token)
    const last = rest.at(-1)?.end ?? token.end
    const outer = this.#inner
    this.#inner = 0
    this.#depth++
    const template = super.parseToken(token, rest)
    this.#depth--
    const length = Math.max(0, (rest[0]?.begin ?? last) - token.begin)
    const own = Math.max(0, length - this.#inner)
    weights.set(template, 1 + Math.floor(own / CHARACTERS_A_STEP))
    this.#inner = outer + length
    return template
  }

  #overstepped(token: TopLevelToken): LimitError | undefined {
    if (token.kind === TokenKind.HTML) return undefined
    // The lines of a `liquid` tag count as well.
    if (++this.#tags > LIMITS.tags) return new LimitError('tags')
    if (this.#depth >= LIMITS.nesting) return new LimitError('nesting')
    // Its lines are looked at one by one.
    if ('name' in token && token.name === 'liquid') return undefined
    return oversteppedBy(token.getText())
  }
}

/** The limit that the source of a tag, an output or an expression goes over. */
export function oversteppedBy(source: string): LimitError | undefined {
  if (source.length > LIMITS.expression) return new LimitError('expression')
  const brackets = source.match(/[[(]/g)?.length ?? 0
  return brackets > LIMITS.brackets ? new LimitError('brackets') : undefined
}
