/**
 * Plain text from HTML, for the alternative that a submission didn't give. One pass over the tokens, nothing nested is ever
 * recursed into, so ten thousand open tags cost no more than as many letters.
 */

import {
  attributeOf,
  decodeEntities,
  type HtmlToken,
  tokenizeHtml,
  type Work,
} from './html-tokens.ts'
import { TextLines } from './text-lines.ts'

/** Lists and quotations deeper than this are shown at this depth. */
const DEPTH_LIMIT = 8

const BLOCKS = new Set(
  'address article aside body caption center dd details dialog div dl dt fieldset figcaption figure footer form header hr li main nav section summary table tbody tfoot thead tr'.split(
    ' ',
  ),
)
const PARAGRAPHS = new Set('blockquote h1 h2 h3 h4 h5 h6 ol p pre ul'.split(' '))

/** `work` counts the characters looked at, so that a test can tell linear from worse. */
export function htmlToText(html: string, work?: Work): string {
  const walker = new Walker()
  for (const token of tokenizeHtml(html, work)) walker.take(token)
  return walker.finish()
}

class Walker {
  readonly #lines = new TextLines()
  /** Next number of each open list; undefined for bullets. */
  readonly #lists: (number | undefined)[] = []
  #listDepth = 0
  #link: string | undefined

  take(token: HtmlToken): void {
    if (token.kind === 'text') this.#lines.text(decodeEntities(token.text))
    else if (token.kind === 'open') this.#open(token.name, token.attributes)
    else this.#close(token.name)
  }

  finish(): string {
    this.#endLink()
    return this.#lines.finish()
  }

  #open(name: string, attributes: string): void {
    if (PARAGRAPHS.has(name)) this.#lines.paragraph(this.#listDepth > 0 && name !== 'p')
    else if (BLOCKS.has(name)) this.#lines.line()
    switch (name) {
      case 'br':
        this.#lines.lineBreak()
        break
      case 'hr':
        this.#lines.text('----')
        this.#lines.line()
        break
      case 'pre':
        this.#lines.preformatted++
        break
      case 'blockquote':
        this.#lines.quotes++
        break
      case 'ul':
      case 'ol':
        if (this.#listDepth++ < DEPTH_LIMIT) {
          const start = Number.parseInt(attributeOf(attributes, 'start') ?? '1', 10)
          this.#lists.push(name === 'ol' ? (Number.isFinite(start) ? start : 1) : undefined)
        }
        break
      case 'li':
        this.#item()
        break
      case 'td':
      case 'th':
        this.#lines.gap()
        break
      case 'img': {
        const alt = attributeOf(attributes, 'alt')
        if (alt) this.#lines.text(alt)
        break
      }
      case 'a': {
        this.#endLink()
        const href = attributeOf(attributes, 'href')?.trim()
        if (href && /^(?:https?|mailto|tel):/i.test(href)) {
          this.#link = href
          this.#lines.capture()
        }
      }
    }
  }

  #close(name: string): void {
    switch (name) {
      case 'a':
        this.#endLink()
        break
      case 'pre':
        this.#lines.preformatted = Math.max(this.#lines.preformatted - 1, 0)
        break
      case 'blockquote':
        this.#lines.line()
        this.#lines.quotes = Math.max(this.#lines.quotes - 1, 0)
        break
      case 'ul':
      case 'ol':
        if (this.#listDepth > 0 && --this.#listDepth < DEPTH_LIMIT) this.#lists.pop()
    }
    if (PARAGRAPHS.has(name)) this.#lines.paragraph(this.#listDepth > 0 && name !== 'p')
    else if (BLOCKS.has(name)) this.#lines.line()
  }

  #item(): void {
    const top = this.#lists.length - 1
    const number = this.#lists[top]
    if (number !== undefined) this.#lists[top] = number + 1
    this.#lines.marker('  '.repeat(Math.max(top, 0)), number === undefined ? '-' : `${number}.`)
  }

  /** The address goes after the words, unless the words are the address. */
  #endLink(): void {
    const href = this.#link
    if (href === undefined) return
    this.#link = undefined
    const shown = this.#lines.endCapture()
    const bare = (text: string) => text.replace(/^(?:https?:\/\/|mailto:|tel:)|\/$/gi, '')
    if (shown === '') this.#lines.text(href)
    else if (bare(shown) !== bare(href)) this.#lines.text(` (${href})`)
  }
}
