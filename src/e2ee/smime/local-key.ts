/** Private keys of S/MIME senders: read with their certificates when they are uploaded, opened to sign. */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { ProtectionError } from '../../ports/e2ee-provider.ts'
import type { LocalKeys } from '../../ports/e2ee-registry.ts'
import { certificatesIn, factsOf, publicKeyOf } from './certificate.ts'
import { chainOf, signingOne } from './chain.ts'
import { algorithmsOf, localSigner } from './local-signer.ts'
import { privateKeyIn } from './private-key.ts'

export const smimeLocalKeys: LocalKeys = {
  async read(material, passphrase) {
    const key = privateKeyIn(material, passphrase)
    if (signaturesOf(key).length === 0) {
      throw new ProtectionError(
        'key.unsupported_algorithm',
        'the private key is neither RSA, nor ECDSA on a NIST curve, nor Ed25519',
      )
    }
    const certificates = certificatesIn(material)
    if (certificates.length === 0) {
      throw new ProtectionError(
        'key.malformed',
        'no certificate came with the private key: give it in PEM as `certificate`',
      )
    }
    const own = spkiOf(createPublicKey(pkcs8Of(key)))
    const certificate = signingOne(
      certificates.filter((der) => own.equals(spkiOf(publicKeyOf(der)))).map(factsOf),
    )
    if (!certificate) {
      throw new ProtectionError('key.malformed', 'no certificate belongs to the private key')
    }
    return {
      secret: new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })),
      certificate,
      chain: chainOf(certificate.material, certificates),
    }
  },

  async open(secret, _certificate, keyRef) {
    const key = createPrivateKey({ key: Buffer.from(secret), format: 'der', type: 'pkcs8' })
    return localSigner(secret, signaturesOf(key), keyRef)
  },
}

function signaturesOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject) {
  return algorithmsOf({ type, curve: asymmetricKeyDetails?.namedCurve })
}

/** workerd makes public keys of PEM, not of a KeyObject. */
function pkcs8Of(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}

function spkiOf(key: KeyObject | undefined): Buffer {
  return key ? key.export({ format: 'der', type: 'spki' }) : Buffer.alloc(0)
}
