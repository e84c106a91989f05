/** Keys as somebody uploads them: whose protocol they are is told by what the octets are. */

import { invalidRequest, PosternError } from '../domain/errors.ts'
import { labelsOf, mayBeOf } from '../domain/key-armour.ts'
import { isProtectionError, ProtectionError } from '../domain/protection-error.ts'
import type { KeyFacts, Protocol } from '../ports/e2ee-provider.ts'
import type { LoadedProvider, ProviderRegistry } from '../ports/e2ee-registry.ts'
import { guarded } from './load-provider.ts'

/** Octets of one key, so that it fits its row. */
const LARGEST = 65_536

const PKCS12 = /^0.{1,5}\x02\x01\x030/s
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Every public key in the text, of all protocols.
 * @throws PosternError `key.malformed`, `request.invalid` where a private one is among them
 */
export async function readPublicKeys(
  registry: ProviderRegistry,
  text: string,
  pointer: string,
  protocols: readonly Protocol[] = registry.protocols,
): Promise<KeyFacts[]> {
  refusePkcs12(text, pointer, 'give the certificate alone: openssl pkcs12 -in FILE -nokeys')
  const material = octetsOf(text)
  assertPublic(material, pointer)
  const answers = await eachProtocol(registry, material, pointer, protocols, ({ provider }) =>
    provider.inspect(material),
  )
  const found = answers.flat()
  if (found.some((facts) => facts.material.length > LARGEST)) {
    throw refusal('key.malformed', `a key here has at most ${LARGEST / 1024} KiB`, pointer)
  }
  return found
}

/**
 * What each protocol says that may know the material.
 * @throws PosternError what the first of them refuses it with, where none takes it
 */
export async function eachProtocol<T>(
  registry: ProviderRegistry,
  material: Uint8Array,
  pointer: string,
  protocols: readonly Protocol[],
  ask: (loaded: LoadedProvider) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = []
  let foreign = new ProtectionError('key.malformed', 'no protocol that is configured knows it')
  for (const protocol of protocols) {
    if (!mayBeOf(protocol, material)) continue
    try {
      answers.push(await guarded(async () => ask(await registry.load(protocol)), protocol))
    } catch (error) {
      if (!isProtectionError(error)) throw error
      if (error.code !== 'key.malformed') throw refusal(error.code, error.message, pointer)
      foreign = error
    }
  }
  if (answers.length === 0) throw refusal('key.malformed', foreign.message, pointer)
  return answers
}

/** Armoured or PEM text as it is, else what its base64 stands for. */
export function octetsOf(text: string): Uint8Array {
  const bare = text.replaceAll(/\s/g, '')
  if (text.includes('-----BEGIN ') || !BASE64.test(bare)) return new TextEncoder().encode(text)
  return new Uint8Array(Buffer.from(bare, 'base64'))
}

/** @throws PosternError `request.invalid`; the key itself is never in it */
export function assertPublic(material: Uint8Array, pointer: string): void {
  if (!labelsOf(material).some((label) => label.includes('PRIVATE KEY'))) return
  const message =
    'A private key stands here, and nothing was stored. Give the public key or certificate alone.'
  throw invalidRequest([{ pointer, code: 'key.private', message }])
}

/**
 * A file of PKCS#12 (RFC 7292 section 4: a SEQUENCE whose first element is the INTEGER 3), as base64 or pasted as it is.
 * @throws PosternError `key.malformed`
 */
export function refusePkcs12(text: string, pointer: string, cure: string): void {
  const octets = Buffer.from(octetsOf(text)).toString('latin1')
  if (!PKCS12.test(octets) && !PKCS12.test(text)) return
  throw refusal('key.malformed', `this is a PKCS#12 file (.p12, .pfx): ${cure}`, pointer)
}

export function refusal(code: ProtectionError['code'], detail: string, pointer: string) {
  return new PosternError(code, detail, { violations: [{ pointer, code, message: detail }] })
}
