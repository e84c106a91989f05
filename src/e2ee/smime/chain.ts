/** Of the certificates that came with a key: the one that signs, and its issuers in order. */

import { X509Certificate } from 'node:crypto'
import type { KeyFacts } from '../../ports/e2ee-provider.ts'

/** How many issuers are followed. */
export const LONGEST_CHAIN = 8

/** The one for signatures, else the one that is valid longest; undefined where there is none. */
export function signingOne(candidates: KeyFacts[]): KeyFacts | undefined {
  const rank = ({ uses, addresses, not_after }: KeyFacts) => [
    Number(uses.includes('sign')),
    Number(addresses.length > 0),
    not_after ?? Infinity,
  ]
  return candidates.toSorted((one, other) => {
    const [a, b] = [rank(one), rank(other)]
    const at = a.findIndex((value, index) => value !== b[index])
    return at < 0 ? 0 : (b[at] ?? 0) - (a[at] ?? 0)
  })[0]
}

/** Issuer by issuer, as far as they are there, without the root (RFC 8551 section 2.3: whoever trusts it has it). */
export function chainOf(leaf: Uint8Array, others: Uint8Array[]): Uint8Array[] {
  const left = others.map((der) => new X509Certificate(der))
  const chain: Uint8Array[] = []
  let current = new X509Certificate(leaf)
  while (chain.length < LONGEST_CHAIN) {
    const issuer = left.find((one) => one.ca && isIssuedBy(current, one))
    if (!issuer || isIssuedBy(issuer, issuer)) break
    chain.push(new Uint8Array(issuer.raw))
    current = issuer
  }
  return chain
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}
