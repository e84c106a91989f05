/** The receiving side of DATA, strictly: RFC 5321 §4.5.2 and §2.3.8. */

const END = Buffer.from('\r\n.\r\n')

/** Collects content until it has ended. */
export interface ContentReader {
  octets: number
  /** Answers what follows the end, or undefined while it has not come. */
  push(chunk: Buffer): Buffer | undefined
  content(): Buffer
}

/** The octets of one chunk, all that are announced (RFC 3030 §2); chunks that aren't the last are not taken. */
export class ChunkReader implements ContentReader {
  readonly #pieces: Buffer[] = []
  readonly #size: number
  octets = 0

  constructor(size: number) {
    this.#size = size
  }

  push(chunk: Buffer): Buffer | undefined {
    const used = Math.min(this.#size - this.octets, chunk.length)
    this.#pieces.push(chunk.subarray(0, used))
    this.octets += used
    return this.octets < this.#size ? undefined : chunk.subarray(used)
  }

  content(): Buffer {
    return Buffer.concat(this.#pieces)
  }
}

/** Up to the lone dot; one for each DATA. */
export class DataReader implements ContentReader {
  readonly #pieces: Buffer[] = []
  /** The last octets seen: the end may be cut anywhere. It starts as the CRLF of the DATA line. */
  #tail = Buffer.from('\r\n')
  octets = 0

  push(chunk: Buffer): Buffer | undefined {
    const seen = Buffer.concat([this.#tail, chunk])
    const at = seen.indexOf(END)
    const used = at < 0 ? chunk.length : at + END.length - this.#tail.length
    this.#pieces.push(chunk.subarray(0, used))
    this.octets += used
    this.#tail = seen.subarray(-(END.length - 1))
    return at < 0 ? undefined : chunk.subarray(used)
  }

  content(): Buffer {
    return unstuff(Buffer.concat(this.#pieces).subarray(0, -3))
  }
}

/** Takes the dots off that were stuffed in. */
function unstuff(wire: Buffer): Buffer {
  return Buffer.from(wire.toString('latin1').replace(/(^|\r\n)\./g, '$1'), 'latin1')
}

/** What a strict relay would not take, as a reply. */
export function contentFault(octets: Buffer, eightBit: boolean): string | undefined {
  const text = octets.toString('latin1')
  if (/\r(?!\n)|(?<!\r)\n/.test(text)) return '554 5.6.0 bare CR or LF'
  if (/[^\r\n]{999}/.test(text)) return '554 5.6.0 line over 998 octets'
  if (text.includes('\0')) return '554 5.6.0 NUL'
  if (!eightBit && /[\x80-\xff]/.test(text)) return '554 5.6.1 eight-bit content without BODY'
  return undefined
}
