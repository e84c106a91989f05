/**
 * Private keys as they are exported: PKCS#8, PKCS#1 and SEC1, in PEM or DER, locked ones in PKCS#8 (RFC 5958) or as OpenSSL
 * locked PKCS#1 and SEC1. How costly unlocking would be is read first: production ends above 100,000 rounds, and local
 * workerd doesn't.
 */

import { createPrivateKey, type KeyObject } from 'node:crypto'
import { ProtectionError } from '../../ports/e2ee-provider.ts'
import { elementsOf, type Tlv } from './der.ts'

/** Of one unlocking, whatever its function. */
export const MOST_ROUNDS = 100_000

/** Object identifiers as DER has them, in hex. */
const PBES2 = '2a864886f70d01050d'
const PBKDF2 = '2a864886f70d01050c'
/** HMAC with SHA-1, what stands for no statement too, and with SHA-256: workerd's library knows no other. */
const HMACS = ['2a864886f70d0207', '2a864886f70d0209']
/** PKCS#12's own pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C). */
const PBE_3DES = '2a864886f70d010c0103'

const SEQUENCE = 0x30

const PEM = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)-----END \1-----/g

/**
 * The one private key in it.
 * @throws ProtectionError `key.malformed`, `signer.locked`, `signer.bad_passphrase`, `signer.unlock_unsupported`
 */
export function privateKeyIn(material: Uint8Array, passphrase: string | null): KeyObject {
  const text = Buffer.from(material).toString('latin1')
  const blocks = [...text.matchAll(PEM)]
  if (blocks.length > 1) throw malformed('there are several private keys in it: give one')
  const [block] = blocks
  if (!block) return fromDer(text.includes('-----BEGIN ') ? [] : elementsOf(material))
  const [pem, label, body = ''] = block
  if (label === 'ENCRYPTED PRIVATE KEY') {
    assertUnlockable(Buffer.from(body, 'base64'))
    return unlocked(pem, passphrase)
  }
  if (/^Proc-Type: *4,ENCRYPTED/m.test(body)) return unlocked(pem, passphrase)
  try {
    return createPrivateKey(pem)
  } catch {
    throw malformed('the private key can not be read')
  }
}

function fromDer(elements: Tlv[]): KeyObject {
  for (const { octets } of elements) {
    for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
      try {
        return createPrivateKey({ key: Buffer.from(octets), format: 'der', type })
      } catch {
        // Another form, or another element.
      }
    }
  }
  throw malformed('there is no private key in it')
}

function unlocked(pem: string, passphrase: string | null): KeyObject {
  if (passphrase === null)
    throw new ProtectionError('signer.locked', 'it is locked: its `passphrase` has to come with it')
  try {
    return createPrivateKey({ key: pem, passphrase })
  } catch {
    throw new ProtectionError('signer.bad_passphrase')
  }
}

/**
 * EncryptedPrivateKeyInfo (RFC 5958 section 3) with PBES2-params, PBKDF2-params (RFC 8018 appendix A) or pkcs-12PbeParams.
 * @throws ProtectionError `signer.unlock_unsupported`, `key.malformed`
 */
function assertUnlockable(der: Uint8Array): void {
  const [info] = elementsOf(der)
  const [algorithm] = inside(info)
  const [scheme, parameters] = inside(algorithm)
  if (hex(scheme) === PBE_3DES) {
    assertRounds(parameters)
    return
  }
  if (hex(scheme) !== PBES2) throw unsupported('it is locked with another scheme than PBES2')
  const [derivation] = inside(parameters)
  const [method, settings] = inside(derivation)
  if (hex(method) !== PBKDF2) throw unsupported('it is locked with another function than PBKDF2')
  assertRounds(settings)
  const hmac = inside(settings)
    .slice(2)
    .find(({ octets }) => octets[0] === SEQUENCE)
  if (hmac && !HMACS.includes(hex(inside(hmac)[0]))) {
    throw unsupported('it is locked with an HMAC of another hash than SHA-1 and SHA-256')
  }
}

/** Both kinds of parameters begin with salt and rounds. */
function assertRounds(parameters: Tlv | undefined): void {
  const rounds = Number(`0x${hex(inside(parameters)[1])}`)
  if (rounds <= MOST_ROUNDS) return
  throw unsupported(`it is locked with ${rounds} rounds, and ${MOST_ROUNDS} can be done`)
}

function inside(element: Tlv | undefined): Tlv[] {
  const elements = element ? elementsOf(element.content) : []
  if (elements.length === 0) throw malformed('the locked private key can not be read')
  return elements
}

function hex(element: Tlv | undefined): string {
  if (!element?.content.length) throw malformed('the locked private key can not be read')
  return Buffer.from(element.content).toString('hex')
}

function malformed(detail: string): ProtectionError {
  return new ProtectionError('key.malformed', detail)
}

function unsupported(detail: string): ProtectionError {
  return new ProtectionError('signer.unlock_unsupported', detail)
}
