/** Whether a certificate serves a use, and if not, why: one reason, the one to mend first. */

import { X509Certificate } from 'node:crypto'
import type { E2eeCode, KeyRecord, KeyUse, Verdict } from '../../ports/e2ee-provider.ts'
import { X25519 } from './algorithms.ts'
import { factsOf, keyAlgorithm, publicKeyOf } from './certificate.ts'
import { LONGEST_CHAIN } from './chain.ts'

const RSA_BITS = 2048
/** What it costs grows with the cube: nobody needs more. */
const MOST_RSA_BITS = 8192
const CURVES = ['prime256v1', 'P-256', 'secp384r1', 'P-384', 'secp521r1', 'P-521']

export interface Trust {
  /** DER of what the operator trusts; none: certificates are believed as they were uploaded. */
  roots: Uint8Array[]
  /** DER of issuers in between that certificates don't bring. */
  intermediates: Uint8Array[]
}

export function judge(key: KeyRecord, use: KeyUse, at: number, trust: Trust): Verdict {
  let facts: ReturnType<typeof factsOf>
  try {
    facts = factsOf(key.material)
  } catch {
    return refused('key.malformed', 'it can not be read as a certificate')
  }
  const { not_before: from, not_after: until, uses } = facts
  if (from !== null && at < from) return refused('key.not_yet_valid', `valid from ${iso(from)} on`)
  if (until !== null && at > until) return refused('key.expired', `expired ${iso(until)}`)
  if (!uses.includes(use)) {
    const code =
      use === 'encrypt' && uses.length > 0 ? 'key.no_encryption_capability' : 'key.wrong_usage'
    return refused(code, 'keyUsage or extKeyUsage leave this use out')
  }
  return algorithmVerdict(key.material, use) ?? chainVerdict(key.material, at, trust) ?? USABLE
}

const USABLE: Verdict = { usable: true, warnings: [] }

function algorithmVerdict(der: Uint8Array, use: KeyUse): Verdict | undefined {
  // workerd's node:crypto doesn't read such keys, its WebCrypto does.
  if (keyAlgorithm(der) === X25519)
    return use === 'encrypt' ? undefined : refused('key.wrong_usage', 'X25519 only encrypts')
  const key = publicKeyOf(der)
  const { modulusLength = 0, namedCurve = '' } = key?.asymmetricKeyDetails ?? {}
  switch (key?.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      if (modulusLength < RSA_BITS) return refused('key.weak', `RSA of ${modulusLength} bits`)
      if (modulusLength > MOST_RSA_BITS)
        return refused('key.unsupported_algorithm', `RSA of ${modulusLength} bits`)
      return undefined
    case 'ec':
      if (!CURVES.includes(namedCurve))
        return refused('key.unsupported_algorithm', `the curve ${namedCurve}`)
      return undefined
    case 'ed25519':
      return use === 'sign'
        ? undefined
        : refused('key.no_encryption_capability', 'Ed25519 only signs')
    default:
      return refused('key.unsupported_algorithm', key?.asymmetricKeyType ?? 'an unknown algorithm')
  }
}

function chainVerdict(der: Uint8Array, at: number, trust: Trust): Verdict | undefined {
  if (trust.roots.length === 0) return undefined
  const roots = trust.roots.map((root) => new X509Certificate(root))
  const between = trust.intermediates.map((one) => new X509Certificate(one))
  let current = new X509Certificate(der)
  for (let depth = 0; depth < LONGEST_CHAIN; depth++) {
    if (roots.some((root) => root.raw.equals(current.raw) || issued(current, root, at)))
      return undefined
    const issuer = between.find((one) => one.ca && issued(current, one, at))
    if (!issuer) break
    current = issuer
  }
  return refused('key.untrusted_chain', 'no trusted root stands at its end')
}

function issued(certificate: X509Certificate, issuer: X509Certificate, at: number): boolean {
  const isValid = at >= Date.parse(issuer.validFrom) && at <= Date.parse(issuer.validTo)
  return isValid && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function refused(code: E2eeCode, detail: string): Verdict {
  return { usable: false, code, detail }
}

const iso = (ms: number) => new Date(ms).toISOString()
