/** Numbers of a key that are too large to reckon with: read before a library does so, in its own big integers. */

import { ProtectionError } from '../../ports/e2ee-provider.ts'

/** RSA and what else is over the integers (RFC 9580 section 9.1); other keys are of a curve. */
const RSA = [1, 2, 3]
const OVER_INTEGERS = [...RSA, 16, 17]
const MOST_BITS = 8192
const MOST_EXPONENT_BITS = 64

/** `body`: of a public key packet (section 5.5.2). @throws ProtectionError `key.unsupported_algorithm` */
export function assertFeasible(body: Uint8Array): void {
  const [version, , , , , algorithm = 0] = body
  if (!OVER_INTEGERS.includes(algorithm)) return
  const at = version === 6 ? 10 : 6
  const modulus = bitsAt(body, at)
  if (modulus > MOST_BITS) throw tooLarge(`a modulus of ${modulus} bits`)
  const exponent = bitsAt(body, at + 2 + Math.ceil(modulus / 8))
  if (RSA.includes(algorithm) && exponent > MOST_EXPONENT_BITS)
    throw tooLarge(`an exponent of ${exponent} bits`)
}

/** A number begins with its length (section 3.2). */
const bitsAt = (body: Uint8Array, at: number) => ((body[at] ?? 0) << 8) + (body[at + 1] ?? 0)

const tooLarge = (what: string) => new ProtectionError('key.unsupported_algorithm', what)
