/** Keys and certificates for S/MIME tests, made anew, and a local Signer. */

import { createPrivateKey, type KeyObject, sign, webcrypto } from 'node:crypto'
import 'reflect-metadata'
import { SMIMECapabilities, SMIMECapability } from '@peculiar/asn1-pkcs9'
import { AsnConvert } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/x509'
import { factsOf } from '../../src/e2ee/smime/certificate.ts'
import type { KeyRecord, SignAlgorithm, Signer } from '../../src/ports/e2ee-provider.ts'

x509.cryptoProvider.set(webcrypto as never)

const KINDS = {
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  'rsa-1024': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  'p-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'p-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'p-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  ed25519: { name: 'Ed25519' },
  x25519: { name: 'X25519' },
} as const

export type KeyKind = keyof typeof KINDS

export interface Identity {
  certificate: Uint8Array
  /** To issue others. */
  x509: x509.X509Certificate
  keys: webcrypto.CryptoKeyPair
  privateKey: KeyObject
  /** Certificate and key. */
  pem: string
  record: KeyRecord
}

export interface IdentityOptions {
  kind?: KeyKind
  usage?: number | null
  purposes?: string[]
  notBefore?: Date
  notAfter?: Date
  /** Itself where left out. */
  issuer?: Identity
  /** A certificate authority, without an address. */
  ca?: boolean
  /** In the place of the subject alternative name: what it holds, DER. */
  san?: Uint8Array
  /** The same key again. */
  keys?: webcrypto.CryptoKeyPair
  /** OIDs that it says its owner can open (RFC 4262). */
  capabilities?: string[]
}

export const { keyEncipherment, keyAgreement, digitalSignature, keyCertSign } = x509.KeyUsageFlags

export async function makeIdentity(
  address: string,
  options: IdentityOptions = {},
): Promise<Identity> {
  const {
    kind = 'rsa',
    usage = keyEncipherment | keyAgreement | digitalSignature,
    purposes,
  } = options
  const algorithm = KINDS[kind]
  const keys =
    options.keys ??
    ((await webcrypto.subtle.generateKey(
      algorithm,
      true,
      kind === 'x25519' ? ['deriveBits'] : ['sign', 'verify'],
    )) as webcrypto.CryptoKeyPair)
  const { issuer, ca = false } = options
  const subject = `CN=${address.split('@')[0]}`
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject,
    issuer: issuer?.x509.subject ?? subject,
    notBefore: options.notBefore ?? new Date(Date.now() - 3_600_000),
    notAfter: options.notAfter ?? new Date(Date.now() + 86_400_000),
    signingAlgorithm: (issuer?.keys ?? keys).privateKey.algorithm as never,
    publicKey: keys.publicKey as never,
    signingKey: (issuer?.keys ?? keys).privateKey as never,
    extensions: [
      ca
        ? new x509.BasicConstraintsExtension(true, undefined, true)
        : options.san
          ? new x509.Extension('2.5.29.17', false, options.san)
          : new x509.SubjectAlternativeNameExtension([{ type: 'email', value: address }]),
      ...(usage === null ? [] : [new x509.KeyUsagesExtension(usage)]),
      ...(purposes ? [new x509.ExtendedKeyUsageExtension(purposes)] : []),
      ...(options.capabilities ? [capable(options.capabilities)] : []),
    ],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  const der = new Uint8Array(certificate.rawData)
  return {
    certificate: der,
    x509: certificate,
    keys,
    privateKey,
    pem: `${certificate.toString('pem')}\n${privateKey.export({ format: 'pem', type: 'pkcs8' })}`,
    record: recordOf(der, address),
  }
}

function capable(oids: string[]): x509.Extension {
  const all = oids.map((algorithm) => new SMIMECapability({ algorithm }))
  const value = AsnConvert.serialize(new SMIMECapabilities(all))
  return new x509.Extension('1.2.840.113549.1.9.15', false, value)
}

export function recordOf(certificate: Uint8Array, address: string): KeyRecord {
  const { uses: _, ...facts } = factsOf(certificate)
  const at = Date.now()
  const kept = { bound_to: null, source: 'upload', trust: 'verified', version: 1 } as const
  return { ...facts, ...kept, ref: address, first_seen: at, refreshed_at: at }
}

export function localSigner({ privateKey }: Identity, algorithm: SignAlgorithm): Signer {
  const hash = algorithm === 'ed25519' ? null : algorithm.slice(algorithm.lastIndexOf('-') + 1)
  const how = {
    key: privateKey,
    dsaEncoding: 'ieee-p1363' as const,
    ...(algorithm.startsWith('rsa-pss') && { padding: 6, saltLength: -1 }),
  }
  return {
    keyRef: 'test',
    algorithms: [algorithm],
    async sign(_, input) {
      if (!('message' in input)) throw new Error('a local key signs messages')
      return sign(hash, input.message, how)
    },
  }
}
