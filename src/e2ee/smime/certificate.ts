/** What an X.509 certificate says of itself (RFC 5280, 8550): whose it is, for what, until when, with which key. */

import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { SMIMECapabilities } from '@peculiar/asn1-pkcs9'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  Certificate,
  ExtendedKeyUsage,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_kp_emailProtection,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509'
import { parseAddress } from '../../domain/address.ts'
import type { KeyFacts, KeyUse } from '../../ports/e2ee-provider.ts'
import { EC_PUBLIC_KEY, X25519 } from './algorithms.ts'
import { elementsOf } from './der.ts'

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'
const SMIME_CAPABILITIES = '1.2.840.113549.1.9.15'
const ANY_EXTENDED_USAGE = '2.5.29.37.0'

/** What every certificate says of itself; one that has an extension which can't be read is left out. */
export function allFactsIn(material: Uint8Array): KeyFacts[] {
  return certificatesIn(material).flatMap((der) => {
    try {
      return [factsOf(der)]
    } catch {
      return []
    }
  })
}

/** Every certificate, in PEM or one DER behind another; what can't be read is left out. */
export function certificatesIn(material: Uint8Array): Uint8Array[] {
  const text = Buffer.from(material).toString('latin1')
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g)]
  const candidates: Uint8Array[] =
    blocks.length > 0
      ? blocks.map(([, base64 = '']) => Buffer.from(base64, 'base64'))
      : elementsOf(material).map(({ octets }) => octets)
  return candidates.flatMap((der) => {
    try {
      // Octets behind the certificate are cut off.
      return [new Uint8Array(new X509Certificate(der).raw)]
    } catch {
      return []
    }
  })
}

export function factsOf(der: Uint8Array): KeyFacts {
  const { subject, validity } = AsnConvert.parse(der, Certificate).tbsCertificate
  const named = extension(der, id_ce_subjectAltName)
  const alternative = named ? AsnConvert.parse(named, SubjectAlternativeName) : []
  const inSubject = subject
    .flat()
    .filter(({ type }) => type === EMAIL_ADDRESS)
    .map(({ value }) => value.toString())
  const addresses = [...alternative.flatMap(({ rfc822Name }) => rfc822Name ?? []), ...inSubject]
  return {
    protocol: 'smime',
    fingerprint: createHash('sha256').update(der).digest('hex'),
    addresses: [...new Set(addresses.flatMap(checked))],
    material: der,
    not_before: validity.notBefore.getTime().getTime(),
    not_after: validity.notAfter.getTime().getTime(),
    uses: usesOf(der),
    capabilities: capabilitiesOf(der),
  }
}

/** keyUsage and extKeyUsage; a certificate that doesn't restrict itself is for both (RFC 8550 section 4.4). */
export function usesOf(der: Uint8Array): KeyUse[] {
  const extended = extension(der, id_ce_extKeyUsage)
  const purposes: string[] = extended ? [...AsnConvert.parse(extended, ExtendedKeyUsage)] : []
  if (
    extended &&
    ![id_kp_emailProtection, ANY_EXTENDED_USAGE].some((one) => purposes.includes(one))
  )
    return []
  const usage = extension(der, id_ce_keyUsage)
  if (!usage) return ['encrypt', 'sign']
  const flags = AsnConvert.parse(usage, KeyUsage).toNumber()
  const agrees = [EC_PUBLIC_KEY, X25519].includes(keyAlgorithm(der))
  const encrypts = flags & (agrees ? KeyUsageFlags.keyAgreement : KeyUsageFlags.keyEncipherment)
  const signs = flags & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)
  return [...(encrypts ? (['encrypt'] as const) : []), ...(signs ? (['sign'] as const) : [])]
}

export function keyAlgorithm(der: Uint8Array): string {
  const { subjectPublicKeyInfo } = AsnConvert.parse(der, Certificate).tbsCertificate
  return subjectPublicKeyInfo.algorithm.algorithm
}

/** Undefined where the runtime doesn't know such keys. */
export function publicKeyOf(der: Uint8Array): KeyObject | undefined {
  const { subjectPublicKeyInfo } = AsnConvert.parse(der, Certificate).tbsCertificate
  const key = Buffer.from(AsnConvert.serialize(subjectPublicKeyInfo))
  try {
    return createPublicKey({ key, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** RFC 4262: the owner's SMIMECapabilities, as their OIDs. */
function capabilitiesOf(der: Uint8Array): string[] {
  const value = extension(der, SMIME_CAPABILITIES)
  if (!value) return []
  try {
    return AsnConvert.parse(value, SMIMECapabilities).map(({ algorithm }) => algorithm)
  } catch {
    return []
  }
}

function extension(der: Uint8Array, oid: string): ArrayBuffer | undefined {
  const { extensions = [] } = AsnConvert.parse(der, Certificate).tbsCertificate
  return extensions.find(({ extnID }) => extnID === oid)?.extnValue.buffer
}

/** What is no address, with a NUL or a line end in it for one, names nobody. */
function checked(address: string): string[] {
  try {
    return [parseAddress(address)]
  } catch {
    return []
  }
}
