/** Detached CMS signatures (RFC 5652 section 5, RFC 8551): the signature over attributes, the attributes over a digest. */

import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  CMSVersion,
  ContentInfo,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  id_contentType,
  id_data,
  id_messageDigest,
  id_signedData,
  id_signingTime,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
  SigningTime,
} from '@peculiar/asn1-cms'
import { ECDSASigValue } from '@peculiar/asn1-ecc'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'
import type { SignAlgorithm, SignInput } from '../../ports/e2ee-provider.ts'
import {
  AES128_CBC,
  AES256_CBC,
  digestIdentifier,
  hashOf,
  signatureIdentifier,
} from './algorithms.ts'
import { bufferOf, derOrder, encoded, oid, tlv } from './der.ts'
import { proven } from './proven.ts'

const SMIME_CAPABILITIES = '1.2.840.113549.1.9.15'

export interface DetachedSigner {
  algorithm: SignAlgorithm
  /** DER. */
  certificate: Uint8Array
  /** Intermediates from its issuer on, DER, without the root. */
  chain: Uint8Array[]
  sign(input: SignInput): Promise<Uint8Array>
}

/**
 * A ContentInfo, DER, over content of this digest, whose hash is the one of the signer's algorithm.
 * @throws ProtectionError `signer.refused` where the signer holds another key; and what it throws itself
 */
export async function signDetached(
  digest: Uint8Array,
  signer: DetachedSigner,
  now: number,
): Promise<Uint8Array> {
  const { algorithm, certificate, chain } = signer
  const hash = hashOf(algorithm)
  const attributes = signedAttributes(digest, now)
  const octets = tlv(0x31, ...attributes.map(encoded))
  const made = await signer.sign({ message: octets })
  const signature = await proven(made, octets, certificate, algorithm)
  const info = new SignerInfo({
    version: CMSVersion.v1,
    sid: new SignerIdentifier({ issuerAndSerialNumber: namesOf(certificate) }),
    digestAlgorithm: digestIdentifier(hash),
    signedAttrs: attributes,
    signatureAlgorithm: signatureIdentifier(algorithm),
    signature: new OctetString(inCms(algorithm, signature)),
  })
  const data = new SignedData({
    version: CMSVersion.v1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([digestIdentifier(hash)]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    certificates: new CertificateSet(
      derOrder([certificate, ...chain], (one) => one).map(
        (der) => new CertificateChoices({ certificate: AsnConvert.parse(der, Certificate) }),
      ),
    ),
    signerInfos: new SignerInfos([info]),
  })
  const content = AsnConvert.serialize(data)
  return encoded(new ContentInfo({ contentType: id_signedData, content }))
}

/** Names a certificate by issuer and serial number (RFC 5652 section 10.2.4). */
export function namesOf(certificate: Uint8Array): IssuerAndSerialNumber {
  const { issuer, serialNumber } = AsnConvert.parse(certificate, Certificate).tbsCertificate
  return new IssuerAndSerialNumber({ issuer, serialNumber })
}

function signedAttributes(digest: Uint8Array, now: number): Attribute[] {
  const attribute = (attrType: string, value: ArrayBuffer) =>
    new Attribute({ attrType, attrValues: [value] })
  const time = new Date(Math.floor(now / 1000) * 1000)
  const signingTime = time.getUTCFullYear() < 2050 ? { utcTime: time } : { generalTime: time }
  const members = [
    attribute(id_contentType, bufferOf(oid(id_data))),
    attribute(id_signingTime, AsnConvert.serialize(new SigningTime(signingTime))),
    attribute(id_messageDigest, AsnConvert.serialize(new OctetString(digest))),
    attribute(SMIME_CAPABILITIES, capabilities()),
  ]
  return derOrder(members, encoded)
}

/** What we could open if it were answered, the preferred first (RFC 8551 section 2.5.2). */
function capabilities(): ArrayBuffer {
  const all = [AES256_CBC, AES128_CBC].map((algorithm) => new AlgorithmIdentifier({ algorithm }))
  return bufferOf(tlv(0x30, ...all.map(encoded)))
}

/** ECDSA signatures are r‖s outside of CMS and a SEQUENCE of both within (RFC 5753 section 2.1.1). */
function inCms(algorithm: SignAlgorithm, signature: Uint8Array): Uint8Array {
  if (!algorithm.startsWith('ecdsa')) return signature
  const half = signature.length / 2
  return encoded(
    new ECDSASigValue({
      r: unsigned(signature.subarray(0, half)),
      s: unsigned(signature.subarray(half)),
    }),
  )
}

/** The content of an INTEGER: no needless zero in front, and one where the number would look negative. */
function unsigned(octets: Uint8Array): ArrayBuffer {
  let start = 0
  while (start < octets.length - 1 && octets[start] === 0) start++
  const significant = octets.subarray(start)
  return bufferOf((significant[0] ?? 0) > 0x7f ? Uint8Array.of(0, ...significant) : significant)
}
