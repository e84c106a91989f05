/** Encrypted messages (RFC 9580 section 10.3), as the content comes. */

import { createMessage, encrypt, enums, type PublicKey } from 'openpgp'
import { inPieces } from '../octets.ts'
import { offers, takes, takesSuite } from './facts.ts'
import { CONFIG, SEIPD_V2, type SelfSignature, selfSignature } from './library.ts'

const { aes128, aes256 } = enums.symmetric
const { gcm } = enums.aead

export interface Suite {
  name: string
  algorithm: 'aes128' | 'aes256'
  /** With it a message has SEIPD packets of version 2. */
  aeadAlgorithm?: 'gcm'
}

/** The library's garbage goes by the piece: at 8 KiB each, 20 MiB made workerd grow by 92, at 1 MiB by 160. */
const PIECE = 32 * 1024

const LEAST: Suite = { name: 'SEIPDv1 AES-128', algorithm: 'aes128' }

/** What every key takes; OCB never, which costs ten times as much here. */
export async function suiteFor(keys: PublicKey[], modern: boolean, at: Date): Promise<Suite> {
  const all = await Promise.all(keys.map((key) => selfSignature(key, at)))
  const every = (test: (one: SelfSignature) => boolean) => all.every(test)
  if (modern && every((one) => offers(one, SEIPD_V2))) {
    if (every((one) => takesSuite(one, aes256, gcm)))
      return { name: 'SEIPDv2 AES-256-GCM', algorithm: 'aes256', aeadAlgorithm: 'gcm' }
    if (every((one) => takesSuite(one, aes128, gcm)))
      return { name: 'SEIPDv2 AES-128-GCM', algorithm: 'aes128', aeadAlgorithm: 'gcm' }
  }
  return every((one) => takes(one, aes256))
    ? { name: 'SEIPDv1 AES-256', algorithm: 'aes256' }
    : LEAST
}

export interface MessageOptions {
  keys: PublicKey[]
  suite: Suite
  hideKeyIds: boolean
  at: Date
  random(octets: number): Uint8Array
}

/** Packets, binary. What the content throws, reading them throws. */
export async function encryptedMessage(
  content: AsyncIterable<Uint8Array>,
  { keys, suite, hideKeyIds, at, random }: MessageOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const { name: _, ...algorithms } = suite
  // File name and time of a literal packet stay empty: nothing signs them.
  const message = await createMessage({
    binary: streamOf(inPieces(content, PIECE)),
    date: new Date(0),
  })
  const octets = await encrypt({
    message,
    encryptionKeys: keys,
    sessionKey: { data: random(suite.algorithm === 'aes256' ? 32 : 16), ...algorithms },
    wildcard: hideKeyIds,
    date: at,
    format: 'binary',
    config: CONFIG,
  })
  return octets as unknown as AsyncIterable<Uint8Array>
}

/** Asks for no more than is read. */
function streamOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
