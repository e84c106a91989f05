/** What a serializer of whole structures can't do: TLVs whose content is written later, and SETs in DER's order. */

import { AsnConvert } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'

/** DER of a structure. */
export function encoded(value: unknown): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(value))
}

/** DER of an OID: an algorithm identifier without parameters is a SEQUENCE of it alone. */
export function oid(algorithm: string): Uint8Array {
  return encoded(new AlgorithmIdentifier({ algorithm })).subarray(2)
}

export function bufferOf(octets: Uint8Array): ArrayBuffer {
  return new Uint8Array(octets).buffer
}

/** Tag and definite length before `octets` of content (X.690 section 8.1). */
export function tlvHead(tag: number, octets: number): Uint8Array {
  if (octets < 0x80) return Uint8Array.of(tag, octets)
  const length: number[] = []
  for (let rest = octets; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
  return Uint8Array.of(tag, 0x80 | length.length, ...length)
}

export function tlv(tag: number, ...content: Uint8Array[]): Uint8Array {
  const octets = content.reduce((sum, { length }) => sum + length, 0)
  return joined([tlvHead(tag, octets), ...content])
}

/** Members in the order that DER asks of SET OF (X.690 section 11.6): BouncyCastle refuses any other. */
export function derOrder<T>(members: readonly T[], encode: (member: T) => Uint8Array): T[] {
  return members
    .map((member) => ({ member, octets: encode(member) }))
    .sort((a, b) => Buffer.compare(a.octets, b.octets))
    .map(({ member }) => member)
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

export interface Tlv {
  /** With tag and length. */
  octets: Uint8Array
  content: Uint8Array
}

/** The elements behind one another; none where the octets are no whole ones with short tags and definite lengths. */
export function elementsOf(der: Uint8Array): Tlv[] {
  const elements: Tlv[] = []
  for (let at = 0; at < der.length; ) {
    const first = der[at + 1] ?? 0xff
    const extra = first < 0x80 ? 0 : first & 0x7f
    const lengths = der.subarray(at + 2, at + 2 + extra)
    if (first === 0x80 || extra > 4 || lengths.length < extra) return []
    const size = first < 0x80 ? first : lengths.reduce((sum, octet) => sum * 256 + octet, 0)
    const from = at + 2 + extra
    if (from + size > der.length) return []
    elements.push({
      octets: der.subarray(at, from + size),
      content: der.subarray(from, from + size),
    })
    at = from + size
  }
  return elements
}
