/** DKIM keys: made, read, and written as the DNS record that publishes them (RFC 6376 section 3.6.1, RFC 8463). */

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256'

/** RFC 8301: signers should use 2048 bits, which fit a TXT record; verifiers take up to 4096. */
const RSA_BITS = 2048
/** Octets of a SubjectPublicKeyInfo with 2048 and with 4096 bits. */
const RSA_OCTETS = [294, 550] as const

/** A private key that can't be used; the text never holds any of it. */
export class DkimKeyError extends Error {
  override readonly name = 'DkimKeyError'
}

export interface DkimKeyMaterial {
  /** PKCS#8 PEM. */
  pem: string
  /** The `p=` value: base64 of the SubjectPublicKeyInfo for RSA, of the 32 octets for Ed25519 (RFC 8463 section 4). */
  public_key: string
}

export async function generateDkimKey(algorithm: DkimAlgorithm): Promise<DkimKeyMaterial> {
  const privateKey = await new Promise<KeyObject>((resolve, reject) => {
    const done = (error: Error | null, _public: KeyObject, key: KeyObject) =>
      error ? reject(error) : resolve(key)
    if (algorithm === 'rsa-sha256') generateKeyPair('rsa', { modulusLength: RSA_BITS }, done)
    else generateKeyPair('ed25519', {}, done)
  })
  return materialOf(privateKey)
}

/**
 * Reads a PEM private key, PKCS#8 or PKCS#1, and gives it back as PKCS#8 with its algorithm and `p=` value.
 * @throws DkimKeyError where it is none, is too short, or is of another kind
 */
export function readDkimKey(pem: string): DkimKeyMaterial & { algorithm: DkimAlgorithm } {
  const key = privateKeyOf(pem)
  const algorithm = algorithmOf(key)
  const material = materialOf(key)
  const octets = atob(material.public_key).length
  if (algorithm === 'rsa-sha256' && (octets < RSA_OCTETS[0] || octets > RSA_OCTETS[1])) {
    throw new DkimKeyError('an RSA key for DKIM has 2048 to 4096 bits (RFC 8301)')
  }
  return { algorithm, ...material }
}

/** @throws DkimKeyError where it is no usable key, or not one for the algorithm */
export function privateKeyOf(pem: string, algorithm?: DkimAlgorithm): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new DkimKeyError('the key is not a PEM private key without password')
  }
  if (algorithmOf(key) !== (algorithm ?? algorithmOf(key))) {
    throw new DkimKeyError(`the key is not one for ${algorithm}`)
  }
  return key
}

export interface DnsRecord {
  name: string
  type: 'TXT'
  /** The whole value, as the forms of most DNS providers take it. */
  value: string
}

/** The record to publish before the key signs anything. */
export function dnsRecord(key: {
  domain: string
  selector: string
  algorithm: DkimAlgorithm
  public_key: string
}): DnsRecord {
  const kind = key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'
  const value = `v=DKIM1; k=${kind}; p=${key.public_key}`
  return {
    name: `${key.selector}._domainkey.${key.domain}`,
    type: 'TXT',
    value,
  }
}

function algorithmOf(key: KeyObject): DkimAlgorithm {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519-sha256'
  if (key.asymmetricKeyType !== 'rsa') {
    throw new DkimKeyError('the key is neither RSA nor Ed25519')
  }
  return 'rsa-sha256'
}

function materialOf(key: KeyObject): DkimKeyMaterial {
  const spki = createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  })
  return {
    pem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    // An Ed25519 SubjectPublicKeyInfo is a prefix of 12 octets and the key.
    public_key: (key.asymmetricKeyType === 'ed25519' ? spki.subarray(12) : spki).toString('base64'),
  }
}
