/**
 * Walks a MIME entity while its octets stream by, and gives it out in the form that is signed and encrypted: 7-bit, CRLF at
 * the end of every line, no line over 998 octets, none that ends in a blank or begins with what relays change. Clean parts
 * pass untouched. What stands before the first and after the last boundary is no content and is left out.
 */

import { ProtectionError } from '../../domain/protection-error.ts'
import { type Field, writeHeader } from '../header.ts'
import { CRLF, type Leaf, latin1, type Sink } from './leaf.ts'
import { fileFields, leafFor } from './leaf-for.ts'
import { type LineEnd, LineSplitter, type Piece, pieces } from './line-splitter.ts'
import {
  encodingOf,
  mediaTypeOf,
  readNestedHeader,
  readPartHeader,
  withEncoding,
} from './part-header.ts'

/** Octets of the header of one part, and multiparts within one another. */
const HEADER_LIMIT = 256 * 1024
const DEPTH_LIMIT = 64
const DASH = 0x2d
const IDENTITY = /^(?:7bit|8bit|binary)$/

interface Place {
  /** Belongs to what the reader sees first (RFC 9787 section 1.1.3). */
  main: boolean
  /** Within multipart/digest. */
  digest: boolean
}

interface Frame {
  boundary: string
  parts: number
  /** Where its part of this number stands. */
  place(index: number): Place
}

/** A header that is being read; `holder` are the fields of the message/rfc822 part that it is the content of. */
interface OpenHeader {
  /** As it came, one character an octet. */
  text: string
  place: Place
  holder: Field[] | null
}

const APART: Place = { main: false, digest: false }

export class EntityWriter {
  readonly #display: readonly Field[]
  readonly #splitter = new LineSplitter()
  readonly #frames: Frame[] = []
  readonly #sink: Sink = (octets) => this.#out.push(octets)
  #out: Uint8Array[] = []
  #header: OpenHeader | undefined
  #leaf: Leaf | undefined
  /** A line end of the leaf that may yet turn out to belong to a boundary. */
  #pending: LineEnd | undefined

  /**
   * `root`: the fields of the entity as they are to stand. `display`: fields to be shown at the top of the main text.
   * @throws ProtectionError, as do the others
   */
  constructor(root: readonly Field[], display: readonly Field[] = []) {
    this.#display = display
    this.#entity([...root], { main: true, digest: false })
  }

  /** Takes octets of the body, gives canonical ones. */
  push(chunk: Uint8Array): Uint8Array {
    for (const piece of this.#splitter.push(chunk)) this.#take(piece)
    return this.#given()
  }

  finish(): Uint8Array {
    for (const piece of this.#splitter.finish()) this.#take(piece)
    this.#endEntity()
    this.#close(0)
    this.#sink(CRLF)
    return this.#given()
  }

  #given(): Uint8Array {
    const octets = Buffer.concat(this.#out)
    this.#out = []
    return octets
  }

  #take(piece: Piece): void {
    if (!piece.starts || !this.#boundary(piece.octets)) {
      if (this.#header) this.#headerPiece(this.#header, piece)
      else this.#content(piece)
    }
  }

  #content({ octets, end }: Piece): void {
    if (!this.#leaf) return
    if (this.#pending) this.#leaf.newline(this.#pending)
    if (octets.length > 0) this.#leaf.write(octets)
    this.#pending = end ?? undefined
  }

  /** Whether the line is a boundary of one of the multiparts around it. */
  #boundary(line: Uint8Array): boolean {
    if (line[0] !== DASH || line[1] !== DASH) return false
    const text = latin1(line).replace(/[ \t]+$/, '')
    const open = (frame: Frame) => `--${frame.boundary}`
    const depth = this.#frames.findLastIndex((frame) =>
      [open(frame), `${open(frame)}--`].includes(text),
    )
    const frame = this.#frames[depth]
    if (!frame) return false
    this.#endEntity()
    this.#close(text === open(frame) ? depth + 1 : depth)
    if (text === open(frame)) {
      this.#write(`${frame.parts > 0 ? '\r\n' : ''}${open(frame)}\r\n`)
      this.#header = { text: '', place: frame.place(frame.parts), holder: null }
      frame.parts++
    }
    return true
  }

  /** Closes the multiparts from this depth on, also those whose last boundary never came. */
  #close(depth: number): void {
    for (const frame of this.#frames.splice(depth).reverse()) {
      if (frame.parts === 0) throw refused('a multipart part has no parts')
      this.#write(`\r\n--${frame.boundary}--`)
    }
  }

  #endEntity(): void {
    while (this.#header) this.#endHeader(this.#header)
    this.#leaf?.finish()
    this.#leaf = undefined
    this.#pending = undefined
  }

  #headerPiece(header: OpenHeader, piece: Piece): void {
    header.text += latin1(piece.octets) + (piece.end ?? '')
    if (header.text.length > HEADER_LIMIT) {
      throw refused(`the header of a part is longer than ${HEADER_LIMIT} octets`)
    }
    if (piece.starts && piece.end && piece.octets.length === 0) this.#endHeader(header)
  }

  #endHeader({ text, place, holder }: OpenHeader): void {
    this.#header = undefined
    const octets = Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1')
    const nested = holder && readNestedHeader(octets)
    if (!holder) {
      this.#entity(readPartHeader(octets), place)
    } else if (nested) {
      this.#sink(writeHeader(withEncoding(holder, '7bit')))
      this.#entity(nested, APART)
    } else {
      this.#leaf = leafFor(fileFields(holder), [], this.#sink)
      for (const piece of pieces(text)) this.#content(piece)
    }
  }

  #entity(fields: Field[], place: Place): void {
    const { type, parameters } = mediaTypeOf(fields, place.digest)
    if (/^multipart\/(?!signed$)/.test(type)) {
      const boundary = parameters.get('boundary')
      if (!boundary) throw refused('a multipart part names no boundary')
      if (this.#frames.length === DEPTH_LIMIT) {
        throw refused(`more than ${DEPTH_LIMIT} multipart parts lie within one another`)
      }
      this.#sink(writeHeader(withEncoding(fields, '7bit')))
      this.#frames.push({ boundary, parts: 0, place: placesOf(type, place) })
    } else if (type === 'message/rfc822' && IDENTITY.test(encodingOf(fields))) {
      this.#header = { text: '', place: APART, holder: fields }
    } else {
      this.#leaf = leafFor(fields, place.main ? this.#display : [], this.#sink)
    }
  }

  #write(text: string): void {
    this.#sink(Buffer.from(text, 'latin1'))
  }
}

function placesOf(type: string, { main }: Place): Frame['place'] {
  if (type === 'multipart/digest') return () => ({ main: false, digest: true })
  if (type === 'multipart/alternative') return () => ({ main, digest: false })
  return (index) => ({ main: main && index === 0, digest: false })
}

function refused(detail: string): ProtectionError {
  return new ProtectionError('message.uncanonicalisable', detail)
}
