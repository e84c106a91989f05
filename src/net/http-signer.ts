/** A key that is held elsewhere, behind HTTPS: docs/e2ee-signer.md is what it speaks. */

import { Buffer } from 'node:buffer'
import type { RemoteKey } from '../app/open-signer.ts'
import type { E2eeCode } from '../domain/e2ee-code.ts'
import { ProtectionError } from '../domain/protection-error.ts'
import type { Outside, OutsideReply } from '../ports/outside.ts'
import type { SignAlgorithm, Signer, SignInput } from '../ports/signer.ts'

const MOST_BYTES = 16 * 1024
const MOST_MS = 10_000

/** Octets of a signature: exactly so many, or from RSA-2048 to RSA-8192. */
const LENGTHS: Record<SignAlgorithm, number | 'rsa'> = {
  'rsa-pkcs1-sha256': 'rsa',
  'rsa-pkcs1-sha384': 'rsa',
  'rsa-pkcs1-sha512': 'rsa',
  'rsa-pss-sha256': 'rsa',
  'rsa-pss-sha384': 'rsa',
  'rsa-pss-sha512': 'rsa',
  'ecdsa-p256-sha256': 64,
  'ecdsa-p384-sha384': 96,
  'ecdsa-p521-sha512': 132,
  ed25519: 64,
}

/** Asks once for each signature. Nothing that the service says is in an error, since it may repeat what it was sent. */
export function httpSigner(key: RemoteKey, outside: Outside): Signer {
  const { url, token, keyRef, algorithms } = key
  return {
    keyRef,
    algorithms,
    async sign(algorithm, input, abort) {
      if (!algorithms.includes(algorithm)) {
        throw new ProtectionError('signer.refused', `${keyRef} does not sign with ${algorithm}`)
      }
      const reply = await outside({
        method: 'POST',
        url,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ key: keyRef, algorithm, ...inputField(input) }),
        maxBytes: MOST_BYTES,
        timeoutMs: MOST_MS,
        abort,
      })
      return readSignature(reply, algorithm, hostOf(url))
    },
  }
}

function inputField(input: SignInput): { digest: string } | { message: string } {
  return 'digest' in input
    ? { digest: Buffer.from(input.digest).toString('base64') }
    : { message: Buffer.from(input.message).toString('base64') }
}

function readSignature(reply: OutsideReply, algorithm: SignAlgorithm, host: string): Uint8Array {
  const fail = (code: E2eeCode, what: string) => new ProtectionError(code, `${host} ${what}`)
  if ('problem' in reply) {
    const final = reply.problem === 'refused' || reply.problem === 'too_large'
    throw new ProtectionError(final ? 'signer.refused' : 'signer.unavailable', reply.detail)
  }
  const { status, body } = reply
  if (status === 429 || status >= 500) throw fail('signer.unavailable', `answers ${status}`)
  if (status !== 200) throw fail('signer.refused', `answers ${status}`)
  const signature = signatureOf(body)
  if (!signature) throw fail('signer.refused', 'answers without a signature in base64')
  const length = LENGTHS[algorithm]
  const { byteLength } = signature
  if (length === 'rsa' ? byteLength < 256 || byteLength > 1024 : byteLength !== length) {
    throw fail('signer.refused', `answers ${byteLength} octets, no signature of ${algorithm}`)
  }
  return signature
}

/** Undefined where it is anything but what an encoder writes (RFC 4648 section 4). */
function signatureOf(body: Uint8Array): Uint8Array | undefined {
  let said: unknown
  try {
    said = JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
  const text = (said as { signature?: unknown } | null)?.signature
  if (typeof text !== 'string') return undefined
  const octets = Buffer.from(text, 'base64')
  return octets.toString('base64') === text ? new Uint8Array(octets) : undefined
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the signer'
}
