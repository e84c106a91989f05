/** The filters there are, each counted. LiquidJS's own ones get text and numbers only, never a list to spell out. */

import { filters as BUILT_IN, isTruthy, toValue } from 'liquidjs'
import type { CountedContext } from './context.ts'
import { LISTS } from './list-filters.ts'
import { rangeEnd } from './piped.ts'
import { itemsOf, scalarOf, textOf, ValueError } from './values.ts'

export interface FilterThis {
  context: CountedContext
}
type Handler = (this: FilterThis, ...args: unknown[]) => unknown
export type FilterOptions = Handler | { raw: boolean; handler: Handler }

const TEXT =
  `append prepend capitalize upcase downcase strip lstrip rstrip strip_newlines strip_html squish
  normalize_whitespace replace replace_first replace_last remove remove_first remove_last split truncate truncatewords
  number_of_words url_encode url_decode slugify base64_encode base64_decode`.split(/\s+/)
const NUMBERS = 'abs at_least at_most ceil divided_by floor minus modulo plus round times'.split(
  ' ',
)
const DATES = 'date date_to_xmlschema date_to_rfc822'.split(' ')

/** Characters that a filter goes through in one step. */
const CHARACTERS_A_STEP = 1024
/** Each field of a date asks the runtime's calendar anew. */
const STEPS_A_DATE_FIELD = 10

function builtIn(name: string): Handler {
  return BUILT_IN[name as keyof typeof BUILT_IN] as unknown as Handler
}

function textFilter(name: string): Handler {
  const run = builtIn(name)
  return function (...args) {
    const { budget } = this.context
    return run.apply(
      this,
      args.map((arg) => scalarOf(arg, budget)),
    )
  }
}

function numberFilter(name: string): Handler {
  const run = builtIn(name)
  return function (...args) {
    const values = args.map(toValue)
    if (values.some((value) => typeof value === 'object' && value !== null)) {
      throw new ValueError('a list or an object stands where a number is needed')
    }
    return run.apply(this, values)
  }
}

function dateFilter(name: string): Handler {
  const run = textFilter(name)
  return function (value, format, ...rest) {
    const fields = typeof format === 'string' ? format.split('%').length : 8
    this.context.budget.step(STEPS_A_DATE_FIELD * fields)
    return run.call(this, value, format, ...rest)
  }
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

export function escapeHtml(this: FilterThis, value: unknown): string {
  const { budget } = this.context
  const escaped = textOf(value, budget).replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')
  budget.use(escaped.length)
  return escaped
}

const breaks: Handler = function (value) {
  return textOf(value, this.context.budget).replace(/\r?\n/g, '<br>\n')
}

const fallback: Handler = function (value, other, ...options) {
  const isEmpty = (Array.isArray(value) || typeof value === 'string') && value.length === 0
  const keepsFalse = value === false && options.some((one) => String(one) === 'allow_false,true')
  return keepsFalse || (isTruthy(value, this.context) && !isEmpty) ? value : other
}

const PLAIN: Record<string, Handler> = {
  ...Object.fromEntries(TEXT.map((name) => [name, textFilter(name)])),
  ...Object.fromEntries(NUMBERS.map((name) => [name, numberFilter(name)])),
  ...Object.fromEntries(DATES.map((name) => [name, dateFilter(name)])),
  ...LISTS,
  default: fallback,
  json: function (value) {
    return builtIn('json').call(this, value)
  },
  size: (value) => (typeof value === 'string' || Array.isArray(value) ? value.length : 0),
  loop_items: function (value) {
    return itemsOf(value, this.context.budget)
  },
  range_end: rangeEnd,
}

/** Steps and made text are counted around every filter. */
function counted(run: Handler): Handler {
  return function (...args) {
    const { budget } = this.context
    const characters = args.reduce<number>(
      (sum, arg) => sum + (typeof arg === 'string' ? arg.length : 0),
      0,
    )
    budget.step(1 + Math.floor(characters / CHARACTERS_A_STEP))
    const result = run.apply(this, args)
    if (typeof result === 'string') budget.use(result.length)
    return result
  }
}

/** In HTML what is escaped, or made to be HTML, isn't escaped again by the output that it ends. */
export function filtersFor(kind: 'html' | 'text'): Record<string, FilterOptions> {
  const html = kind === 'html'
  const all: Record<string, FilterOptions> = {}
  for (const [name, run] of Object.entries(PLAIN)) all[name] = counted(run)
  const markup: Handler = function (value) {
    return breaks.call(this, escapeHtml.call(this, value))
  }
  all.escape = { raw: html, handler: counted(escapeHtml) }
  all.newline_to_br = html ? { raw: true, handler: counted(markup) } : counted(breaks)
  all.raw = { raw: html, handler: (value) => value }
  return all
}
