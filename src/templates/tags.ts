/** The tags there are: those that count what they go through, and those that need not. */

import {
  BlockTag,
  CaseTag,
  Filter,
  ForTag,
  LayoutTag,
  type Liquid,
  type Parser,
  RenderTag,
  TablerowTag,
  type TagToken,
  type TopLevelToken,
  tags,
  type ValueToken,
} from 'liquidjs'
import type { CountedContext } from './context.ts'
import { CountedParser } from './parser.ts'
import { piped } from './piped.ts'
import { lookSteps } from './values.ts'

const AS_THEY_ARE = [
  'assign',
  'break',
  'capture',
  'comment',
  'continue',
  'cycle',
  'echo',
  'if',
  'liquid',
  'raw',
  'unless',
  '#',
] as const
const PARTIAL = /^[a-z0-9-]{1,64}$/

interface Loop {
  collection: ValueToken
}

class CountedFor extends ForTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid, parser)
    throughItems(this as unknown as Loop)
  }
}

class CountedTablerow extends TablerowTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid, parser)
    throughItems(this as unknown as Loop)
  }
}

function throughItems(loop: Loop): void {
  loop.collection = piped(loop.collection, 'loop_items')
}

/** LiquidJS keeps blocks in a plain object, which has some names of its own. */
class NamedBlock extends BlockTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid, parser)
    if (this.block in {}) throw new Error('a block needs another name')
  }
}

/** Compares plain values; a list equals nothing. */
class CountedCase extends CaseTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid, parser)
    const branches = this.branches.reduce((sum, { values }) => sum + values.length, 0)
    const handler = function (this: { context: CountedContext }, value: unknown) {
      this.context.budget.step(1 + lookSteps(value) * branches)
      return Array.isArray(value) ? {} : value
    }
    const name = { name: 'case_value', args: [] }
    this.value.filters.push(new Filter(name as never, handler as never, liquid))
  }
}

class NamedRender extends RenderTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid, parser)
    const tag = this as unknown as {
      file: unknown
      forBinding?: { value: ValueToken; alias?: string }
    }
    const name = noted(tag.file, parser)
    if (!tag.forBinding) return
    tag.forBinding.value = piped(tag.forBinding.value, 'loop_items')
    tag.forBinding.alias ??= name
  }
}

class NamedLayout extends LayoutTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid, parser)
    noted((this as unknown as { file: unknown }).file, parser)
  }
}

/** Partials are named literally, so that they can be loaded before anything is rendered. */
function noted(file: unknown, parser: Parser): string {
  if (typeof file !== 'string' || !PARTIAL.test(file)) {
    throw new Error(
      'name a template in quotation marks: a-z, 0-9 and -, without anything to fill in',
    )
  }
  if (parser instanceof CountedParser) parser.partials.add(file)
  return file
}

export const TAGS = {
  ...Object.fromEntries(AS_THEY_ARE.map((name) => [name, tags[name]])),
  block: NamedBlock,
  case: CountedCase,
  for: CountedFor,
  layout: NamedLayout,
  render: NamedRender,
  tablerow: CountedTablerow,
}
