/** A leaf of the MIME tree on its way out: takes the lines of its content, gives header and content that are canonical. */

import type { LineEnd } from './line-splitter.ts'

export type Sink = (octets: Uint8Array) => void

export interface Leaf {
  /** Octets of a line, as far as they have come. */
  write(octets: Uint8Array): void
  /** The line ends, and the content goes on. */
  newline(end: LineEnd): void
  /** The content ends; the line end before a boundary is not part of it. */
  finish(): void
}

/** Writes the leaf's header, with this transfer encoding. */
export type HeaderWriter = (encoding: string) => void

/** Octets as a binary string. */
export function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1')
}

export const CRLF = Buffer.from('\r\n', 'latin1')
