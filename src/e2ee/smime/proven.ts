/** Signatures that were made elsewhere, proven before they go out: readers would blame the mail, not the signer. */

import type { webcrypto } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'
import { ProtectionError } from '../../domain/protection-error.ts'
import type { SignAlgorithm } from '../../ports/e2ee-provider.ts'
import { NULL, RSA_ENCRYPTION, RSASSA_PSS } from './algorithms.ts'
import { parametersOf } from './local-signer.ts'

/**
 * The signature, if it is one over the message by the certificate's key.
 * @throws ProtectionError `signer.refused`
 */
export async function proven(
  signature: Uint8Array,
  message: Uint8Array,
  certificate: Uint8Array,
  algorithm: SignAlgorithm,
): Promise<Uint8Array> {
  if (await isGood(signature, message, certificate, algorithm)) return signature
  const detail = `what the signer made is no signature of ${algorithm} by the key of the certificate`
  throw new ProtectionError('signer.refused', detail)
}

async function isGood(
  signature: Uint8Array,
  message: Uint8Array,
  certificate: Uint8Array,
  algorithm: SignAlgorithm,
): Promise<boolean> {
  const { key, sign } = parametersOf(algorithm)
  const { subtle } = crypto as unknown as webcrypto.Crypto
  try {
    const spki = spkiOf(certificate, algorithm.startsWith('rsa'))
    const known = await subtle.importKey('spki', spki, key, false, ['verify'])
    return await subtle.verify(sign, known, signature, message)
  } catch {
    // A key of another kind.
    return false
  }
}

/** An RSA key that says it is for PSS only is one that WebCrypto doesn't read. */
function spkiOf(certificate: Uint8Array, isRsa: boolean): ArrayBuffer {
  const { subjectPublicKeyInfo: info } = AsnConvert.parse(certificate, Certificate).tbsCertificate
  const isPss = isRsa && info.algorithm.algorithm === RSASSA_PSS
  if (isPss)
    info.algorithm = new AlgorithmIdentifier({ algorithm: RSA_ENCRYPTION, parameters: NULL })
  return AsnConvert.serialize(info)
}
