/** Filters of lists. Ours, since LiquidJS's read a property as an expression and spell out entries to compare or join them. */

import { filters, toValueSync } from 'liquidjs'
import type { CountedContext } from './context.ts'
import { equal, listOf, scalarOf, textOf, ValueError } from './values.ts'

const sliceText = filters.slice as unknown as Handler

type Handler = (this: { context: CountedContext }, ...args: unknown[]) => unknown

const PATH_NAMES = 16

/** Reads `a.b` of an entry, nil where it has none; the entry itself without a path. */
function reads(ctx: CountedContext, path: unknown): (item: unknown) => unknown {
  if (path === undefined) return (item) => item
  const names = textOf(path, ctx.budget).split('.', PATH_NAMES + 1)
  if (names.length > PATH_NAMES) throw new ValueError(`a path has at most ${PATH_NAMES} names`)
  return (item) => names.reduce((value, name) => ctx.readProperty(value as never, name), item)
}

function isEqual(ctx: CountedContext, one: unknown, other: unknown): boolean {
  return Boolean(toValueSync(equal(one, other, ctx) as never))
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}

/** Whether an entry's property is true, or what is wanted. */
function picks(ctx: CountedContext, path: unknown, wanted: unknown): (item: unknown) => boolean {
  const read = reads(ctx, path)
  return (item) => {
    const value = read(item)
    return wanted === undefined ? isTrue(value) : isEqual(ctx, value, wanted)
  }
}

type Key = string | number | boolean | null | undefined

function sorted(ctx: CountedContext, input: unknown, path: unknown, natural: boolean): unknown[] {
  const read = reads(ctx, path)
  const keyed = made(ctx, listOf(input, ctx.budget)).map((item) => {
    const key = read(item)
    if (typeof key === 'object' && key !== null)
      throw new ValueError('only texts and numbers can be sorted: name a property')
    return { item, key: (natural && typeof key === 'string' ? key.toLowerCase() : key) as Key }
  })
  ctx.budget.step(keyed.length)
  return keyed.sort((one, other) => order(one.key, other.key)).map(({ item }) => item)
}

/** Nil comes last. */
function order(one: Key, other: Key): number {
  if (!isDefined(one) || !isDefined(other))
    return Number(!isDefined(one)) - Number(!isDefined(other))
  return one < other ? -1 : one > other ? 1 : 0
}

function isDefined<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}

/** A list of its own, charged for. */
function made(ctx: CountedContext, list: unknown[]): unknown[] {
  ctx.budget.use(list.length)
  return list
}

function joined(
  ctx: CountedContext,
  input: unknown,
  between: string,
  lastBetween = between,
): string {
  const list = listOf(input, ctx.budget)
  let text = ''
  for (const [index, item] of list.entries()) {
    const part = textOf(item, ctx.budget)
    const glue = index === 0 ? '' : index === list.length - 1 ? lastBetween : between
    ctx.budget.use(glue.length + part.length)
    text += glue + part
  }
  return text
}

function sliced(list: unknown[], from: unknown, count: unknown): unknown[] {
  const start = Number(from)
  const begin = start < 0 ? list.length + start : start
  return begin < 0 ? [] : list.slice(begin, begin + Math.max(0, Number(count)))
}

function grouped(ctx: CountedContext, input: unknown, path: unknown): unknown[] {
  const read = reads(ctx, path)
  const groups = new Map<unknown, unknown[]>()
  for (const item of made(ctx, listOf(input, ctx.budget))) {
    const name = read(item)
    const group = groups.get(name)
    if (group) group.push(item)
    else groups.set(name, [item])
  }
  return [...groups].map(([name, items]) => ({ name, items }))
}

function end(input: unknown, index: number): unknown {
  return typeof input === 'string' || Array.isArray(input) ? input.at(index) : undefined
}

export const LISTS: Record<string, Handler> = {
  first: (input) => end(input, 0),
  last: (input) => end(input, -1),
  join: function (input, between = ' ') {
    return joined(this.context, input, textOf(between, this.context.budget))
  },
  array_to_sentence_string: function (input, word = 'and') {
    const and = textOf(word, this.context.budget)
    const many = Array.isArray(input) && input.length > 2
    return joined(this.context, input, ', ', `${many ? ',' : ''} ${and} `)
  },
  slice: function (input, from, count = 1) {
    const [begin, length] = [from, count].map((one) => scalarOf(one, this.context.budget))
    if (Array.isArray(input)) return made(this.context, sliced(input, begin, length))
    return sliceText.call(this, textOf(input, this.context.budget), begin, length)
  },
  reverse: function (input) {
    return made(this.context, listOf(input, this.context.budget)).toReversed()
  },
  concat: function (input, more) {
    const { budget } = this.context
    return made(this.context, [...listOf(input, budget), ...listOf(more, budget)])
  },
  compact: function (input) {
    return made(this.context, listOf(input, this.context.budget)).filter(isDefined)
  },
  uniq: function (input) {
    return [...new Set(made(this.context, listOf(input, this.context.budget)))]
  },
  map: function (input, path) {
    return made(this.context, listOf(input, this.context.budget)).map(reads(this.context, path))
  },
  sort: function (input, path) {
    return sorted(this.context, input, path, false)
  },
  sort_natural: function (input, path) {
    return sorted(this.context, input, path, true)
  },
  sum: function (input, path) {
    const { budget } = this.context
    const values = listOf(input, budget).map(reads(this.context, path))
    return values.reduce<number>((sum, value) => sum + (Number(scalarOf(value, budget)) || 0), 0)
  },
  where: function (input, path, wanted) {
    const list = made(this.context, listOf(input, this.context.budget))
    return list.filter(picks(this.context, path, wanted))
  },
  reject: function (input, path, wanted) {
    const picked = picks(this.context, path, wanted)
    return made(this.context, listOf(input, this.context.budget)).filter((item) => !picked(item))
  },
  find: function (input, path, wanted) {
    return listOf(input, this.context.budget).find(picks(this.context, path, wanted))
  },
  has: function (input, path, wanted) {
    return listOf(input, this.context.budget).some(picks(this.context, path, wanted))
  },
  group_by: function (input, path) {
    return grouped(this.context, input, path)
  },
}
