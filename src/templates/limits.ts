/** How much one rendering may do. Everything is counted, nothing timed: clocks stand still during CPU work on Workers. */

export const LIMITS = {
  /** Tags, outputs, pieces of text, turns of loops, filters and comparisons, weighed by what each has to go through. */
  steps: 100_000,
  /** Characters and list entries made on the way, never given back. */
  memory: 4_000_000,
  /** UTF-8 octets of all parts together. */
  output: 1_048_576,
  /** Tags and partials within one another while rendering. */
  depth: 100,
  /** Different partials in one rendering. */
  partials: 20,
  /** Characters of one part. */
  source: 262_144,
  /** Tags and outputs of one part. */
  tags: 5_000,
  /** Tags within one another in one part. */
  nesting: 32,
  /** Characters of one tag or output. */
  expression: 4_096,
  /** Opening brackets and parentheses of one tag or output. */
  brackets: 32,
  /** The ends of a range, on either side of zero. */
  range: 100_000,
} as const

const WORDS: Record<keyof typeof LIMITS, string> = {
  steps: 'takes more than {} steps',
  memory: 'makes more than {} characters and list entries on the way',
  output: 'comes to more than {} octets',
  depth: 'has more than {} tags and partials within one another: does a partial render itself?',
  partials: 'renders more than {} partials',
  source: 'has more than {} characters',
  tags: 'has more than {} tags and outputs',
  nesting: 'has more than {} tags within one another',
  expression: 'is longer than {} characters',
  brackets: 'has more than {} brackets',
  range: 'reaches beyond {}',
}

export class LimitError extends Error {
  override readonly name = 'LimitError'

  constructor(limit: keyof typeof LIMITS) {
    super(WORDS[limit].replace('{}', LIMITS[limit].toLocaleString('en-US')))
  }
}
