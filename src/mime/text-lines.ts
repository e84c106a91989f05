/** Lines of plain text as they are built: blanks collapse, empty lines are at most one in a row, quotations get their marks. */

const QUOTE_LIMIT = 5
/** Characters of a link's words kept to compare them with its address. */
const CAPTURE_LIMIT = 4096

export class TextLines {
  preformatted = 0
  quotes = 0
  readonly #done: string[] = []
  #line = ''
  #parts: string[] = []
  #started = false
  #marked = false
  #space = false
  #empty = false
  #captured: string | undefined

  text(text: string): void {
    if (this.preformatted > 0) {
      text.split(/\r\n|\r|\n/).forEach((line, index) => {
        if (index > 0) this.lineBreak()
        this.#write(line)
      })
      return
    }
    // A no-break space is kept, the blanks of HTML collapse.
    const collapsed = text.replace(/[ \t\r\n\f]+/g, ' ')
    const trimmed = collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed
    if (collapsed.length > trimmed.length) this.#space = true
    if (trimmed === '') return
    const content = trimmed.endsWith(' ') ? trimmed.slice(0, -1) : trimmed
    this.#write(content)
    this.#space = content.length < trimmed.length
  }

  /** Ends the line, if it has anything. */
  line(): void {
    if (this.#started && !this.#marked) this.#end()
    this.#space = false
  }

  /** Ends the line, also an empty one. */
  lineBreak(): void {
    this.#end()
  }

  /** Ends the line and leaves one empty before what comes next, or none where `tight`. */
  paragraph(tight: boolean): void {
    this.line()
    if (!tight) this.#empty = true
  }

  gap(): void {
    this.#space = true
  }

  marker(indent: string, mark: string): void {
    if (this.#started) this.#end()
    this.#write(`${indent}${mark} `)
    this.#marked = true
  }

  /** Begins to note what is written. */
  capture(): void {
    this.#captured = ''
  }

  /** What was written since, trimmed; at most the first 4096 characters. */
  endCapture(): string {
    const captured = this.#captured ?? ''
    this.#captured = undefined
    return captured.trim()
  }

  finish(): string {
    if (this.#started) this.#end()
    while (this.#done.at(-1) === '') this.#done.pop()
    return this.#done.length === 0 ? '' : `${this.#done.join('\n')}\n`
  }

  #write(text: string): void {
    if (text === '') return
    if (!this.#started) {
      if (this.#empty && this.#done.length > 0 && this.#done.at(-1) !== '') this.#done.push('')
      this.#empty = false
      this.#started = true
      this.#line = '> '.repeat(Math.min(this.quotes, QUOTE_LIMIT))
    } else if (this.#space && !this.#marked) {
      this.#append(' ')
    }
    this.#marked = false
    this.#space = false
    this.#append(text)
  }

  #append(text: string): void {
    this.#parts.push(text)
    if (this.#captured !== undefined && this.#captured.length < CAPTURE_LIMIT) {
      this.#captured += text.slice(0, CAPTURE_LIMIT)
    }
  }

  #end(): void {
    const line = (this.#line + this.#parts.join('')).trimEnd()
    if (line !== '' || (this.#done.length > 0 && this.#done.at(-1) !== '')) this.#done.push(line)
    this.#line = ''
    this.#parts = []
    this.#started = false
    this.#marked = false
    this.#space = false
  }
}
