/** Packets by their headers alone (RFC 9580 section 4.2): what a file holds, before anything in it is believed. */

/** Packet types (section 5). */
export const TAG = {
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  userId: 13,
  publicSubkey: 14,
} as const

export interface Packet {
  tag: number
  /** Header and body. */
  octets: Uint8Array
  body: Uint8Array
}

/** @throws Error where the octets are no sequence of whole packets; those before have been given by then */
export function* packetsIn(octets: Uint8Array): Generator<Packet, void, void> {
  let start = 0
  while (start < octets.length) {
    const { tag, from, length } = readHead(octets, start)
    const end = from + length
    if (end > octets.length) throw new Error('a packet ends behind the file')
    yield { tag, octets: octets.subarray(start, end), body: octets.subarray(from, end) }
    start = end
  }
}

/** A packet with a header of the current format. */
export function packet(tag: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0xc0 | tag), length(body.length), body])
}

/** The length of a packet or subpacket (sections 4.2.1, 5.2.3.7). */
export function length(octets: number): Uint8Array {
  if (octets < 192) return Uint8Array.of(octets)
  if (octets < 8384) return Uint8Array.of(((octets - 192) >> 8) + 192, (octets - 192) & 0xff)
  return Buffer.concat([Uint8Array.of(255), number(octets, 4)])
}

/** Big-endian. */
export function number(value: number, octets: number): Uint8Array {
  const out = Buffer.alloc(octets)
  out.writeUIntBE(value, 0, octets)
  return out
}

function readHead(octets: Uint8Array, at: number): { tag: number; from: number; length: number } {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  const first = view.getUint8(at)
  if (first < 0x80) throw new Error('it is no packet')
  if (first & 0x40) return { tag: first & 0x3f, ...newLength(view, at + 1) }
  const tag = (first >> 2) & 0x0f
  switch (first & 3) {
    case 0:
      return { tag, from: at + 2, length: view.getUint8(at + 1) }
    case 1:
      return { tag, from: at + 3, length: view.getUint16(at + 1) }
    case 2:
      return { tag, from: at + 5, length: view.getUint32(at + 1) }
    default:
      throw new Error('a packet without length')
  }
}

function newLength(view: DataView, at: number): { from: number; length: number } {
  const first = view.getUint8(at)
  if (first < 192) return { from: at + 1, length: first }
  if (first < 224) {
    return { from: at + 2, length: ((first - 192) << 8) + view.getUint8(at + 1) + 192 }
  }
  if (first < 255) throw new Error('a packet in pieces')
  return { from: at + 5, length: view.getUint32(at + 1) }
}
