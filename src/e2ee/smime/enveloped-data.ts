/**
 * EnvelopedData and AuthEnvelopedData (RFC 5652 section 6, RFC 5083), written as the content comes: the length of the
 * ciphertext is known before its octets are, so that lengths are definite and nothing is held.
 */

import { createCipheriv } from 'node:crypto'
import { id_data, id_envelopedData } from '@peculiar/asn1-cms'
import { OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { AES256_CBC, AES256_GCM } from './algorithms.ts'
import { bufferOf, derOrder, encoded, joined, oid, tlv, tlvHead } from './der.ts'
import { type EnvelopeRecipient, recipientInfo } from './recipient-infos.ts'

const ID_AUTH_ENVELOPED_DATA = '1.2.840.113549.1.9.16.1.23'
const KEY_OCTETS = 32
const BLOCK = 16
const GCM_IV = 12
const GCM_TAG = 16

export type ContentCipher = 'aes-256-cbc' | 'aes-256-gcm'

export interface Sealed {
  octets: AsyncIterable<Uint8Array>
  /** Of all of them. */
  size: number
}

export interface SealOptions {
  cipher: ContentCipher
  /** The sender's own among them. */
  recipients: EnvelopeRecipient[]
  random(octets: number): Uint8Array
}

/** A ContentInfo, DER, around `size` octets of content. */
export async function seal(
  content: AsyncIterable<Uint8Array>,
  size: number,
  { cipher, recipients, random }: SealOptions,
): Promise<Sealed> {
  const key = random(KEY_OCTETS)
  const infos = await Promise.all(recipients.map((recipient) => recipientInfo(recipient, key)))
  const isAead = cipher === 'aes-256-gcm'
  const iv = random(isAead ? GCM_IV : BLOCK)
  const length = isAead ? size : (Math.floor(size / BLOCK) + 1) * BLOCK
  const before = [versionOf(infos, isAead), tlv(0x31, ...derOrder(infos, (info) => info))]
  const named = [oid(id_data), algorithm(cipher, iv)]
  const encrypted = wrapHeads([0x30, 0x80], named, length)
  const macHead = isAead ? tlvHead(0x04, GCM_TAG) : new Uint8Array(0)
  const inner = sum(before) + encrypted.length + length + macHead.length + (isAead ? GCM_TAG : 0)
  const data = tlvHead(0x30, inner)
  const explicit = tlvHead(0xa0, data.length + inner)
  const type = oid(isAead ? ID_AUTH_ENVELOPED_DATA : id_envelopedData)
  const outer = tlvHead(0x30, type.length + explicit.length + data.length + inner)
  const head = joined([outer, type, explicit, data, ...before, encrypted])
  return {
    size: head.length + length + macHead.length + (isAead ? GCM_TAG : 0),
    octets: written(head, content, createCipher(cipher, key, iv), macHead),
  }
}

interface Cipher {
  update(chunk: Uint8Array): Uint8Array
  final(): Uint8Array
  tag(): Uint8Array
}

function createCipher(name: ContentCipher, key: Uint8Array, iv: Uint8Array): Cipher {
  if (name === 'aes-256-cbc') {
    const cbc = createCipheriv(name, key, iv)
    return {
      update: (chunk) => cbc.update(chunk),
      final: () => cbc.final(),
      tag: () => new Uint8Array(0),
    }
  }
  const gcm = createCipheriv(name, key, iv)
  return {
    update: (chunk) => gcm.update(chunk),
    final: () => gcm.final(),
    tag: () => gcm.getAuthTag(),
  }
}

async function* written(
  head: Uint8Array,
  content: AsyncIterable<Uint8Array>,
  cipher: Cipher,
  macHead: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  yield head
  for await (const chunk of content) {
    const octets = cipher.update(chunk)
    if (octets.length > 0) yield octets
  }
  yield joined([cipher.final(), macHead, cipher.tag()])
}

/** EncryptedContentInfo up to its content. */
function wrapHeads([sequence, content]: [number, number], named: Uint8Array[], length: number) {
  const head = tlvHead(content, length)
  const inner = sum(named) + head.length + length
  return joined([tlvHead(sequence, inner), ...named, head])
}

/** RFC 5652 section 6.1: 2 with anything else than key transport by issuer and serial number, else 0; RFC 5083: 0. */
function versionOf(infos: Uint8Array[], isAead: boolean): Uint8Array {
  const plain = isAead || infos.every((info) => info[0] === 0x30)
  return tlv(0x02, Uint8Array.of(plain ? 0 : 2))
}

function algorithm(cipher: ContentCipher, iv: Uint8Array): Uint8Array {
  const isAead = cipher === 'aes-256-gcm'
  // GCMParameters (RFC 5084 section 3.2); a tag of 16 octets has to be said, 12 is the default.
  const parameters = isAead
    ? tlv(0x30, tlv(0x04, iv), tlv(0x02, Uint8Array.of(GCM_TAG)))
    : encoded(new OctetString(iv))
  const identifier = new AlgorithmIdentifier({
    algorithm: isAead ? AES256_GCM : AES256_CBC,
    parameters: bufferOf(parameters),
  })
  return encoded(identifier)
}

const sum = (parts: readonly Uint8Array[]) => parts.reduce((total, { length }) => total + length, 0)
