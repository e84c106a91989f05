/** A table in docs/e2ee-matrix.md: what is written there is what is expected. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../local/paths.ts'

const FILE = join(ROOT, 'docs', 'e2ee-matrix.md')

/** Cells of one row, by column. */
type Row = Record<string, string>

export class Matrix {
  readonly #first: string
  readonly #columns: string[]
  readonly #rows = new Map<string, Row>()

  /** `first`: the head of the first column, by which the table is found. */
  constructor(first: string, columns: string[]) {
    this.#first = first
    this.#columns = columns
  }

  /** Keeps what came out; what the file expects of it. */
  row(name: string, cells: Row): Row | undefined {
    this.#rows.set(name, cells)
    return process.env.UPDATE_GOLDEN ? cells : this.#written().get(name)
  }

  /** The table of this run. Written to the file where `UPDATE_GOLDEN` is set. */
  finish(): { made: string; written: string } {
    const rows = [...this.#rows].map(([name, cells]) =>
      line([name, ...this.#columns.map((column) => cells[column] ?? '')]),
    )
    const head = [this.#first, ...this.#columns]
    const made = `${[line(head), line(head.map(() => '---')), ...rows].join('\n')}\n`
    if (process.env.UPDATE_GOLDEN) {
      const text = readFileSync(FILE, 'utf8')
      writeFileSync(
        FILE,
        text.replace(this.#table(), () => made),
      )
    }
    return { made, written: this.#table().exec(readFileSync(FILE, 'utf8'))?.[0] ?? '' }
  }

  #written(): Map<string, Row> {
    const text = this.#table().exec(readFileSync(FILE, 'utf8'))?.[0] ?? ''
    const [head = [], , ...rows] = text.trimEnd().split('\n').map(cellsOf)
    return new Map(
      rows.map(([name = '', ...cells]) => [
        name,
        Object.fromEntries(cells.map((cell, at) => [head[at + 1] ?? '', cell])),
      ]),
    )
  }

  #table(): RegExp {
    return new RegExp(`^\\| ${this.#first} \\|.*\\n(?:\\|.*\\n)+`, 'm')
  }
}

const line = (cells: string[]) => `| ${cells.join(' | ')} |`
const cellsOf = (text: string) =>
  text
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
