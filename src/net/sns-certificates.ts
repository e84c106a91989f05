/**
 * Fetches the certificate that SNS names and judges it: its names, its time, its key, and, where more follow it, that each
 * is issued by the next. SNS serves the one certificate alone, whose issuer is to be had by plain HTTP only: so it is the
 * TLS of SNS's own host that vouches for it.
 */

import { X509Certificate } from 'node:crypto'
import type { Outside } from '../ports/outside.ts'
import type { SnsCertificate, SnsCertificates } from '../ports/sns-certificates.ts'

const MOST_BYTES = 64 * 1024
const MOST_MS = 3_000
/** SNS has one or two a region. */
const MOST_KEPT = 8
const MOST_CERTIFICATES = 5
const LEAST_BITS = 2048
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** Keeps what was good in memory: a URL's last part is the hash of what is there. */
export function createSnsCertificates(outside: Outside): SnsCertificates {
  const kept = new Map<string, X509Certificate[]>()

  async function chainAt(url: string): Promise<X509Certificate[] | 'unreachable' | 'refused'> {
    const found = kept.get(url)
    if (found) return found
    const reply = await outside({ method: 'GET', url, maxBytes: MOST_BYTES, timeoutMs: MOST_MS })
    if ('problem' in reply || reply.status >= 500) return 'unreachable'
    return (reply.status === 200 && readChain(reply.body)) || 'refused'
  }

  return async (url, names, now): Promise<SnsCertificate> => {
    const chain = await chainAt(url)
    if (typeof chain === 'string') return { problem: chain }
    const [leaf] = chain
    if (!leaf || !isGood(chain, names, now)) return { problem: 'refused' }
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(url, chain)
    return { spki: leaf.publicKey.export({ type: 'spki', format: 'der' }) }
  }
}

function readChain(body: Uint8Array): X509Certificate[] | undefined {
  const blocks = new TextDecoder().decode(body).match(PEM) ?? []
  if (blocks.length > MOST_CERTIFICATES) return undefined
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}

function isGood(chain: X509Certificate[], names: readonly string[], now: number): boolean {
  const [leaf] = chain
  if (!leaf || leaf.ca || leaf.publicKey.asymmetricKeyType !== 'rsa') return false
  if ((leaf.publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS) return false
  if (!names.some((name) => leaf.checkHost(name, { wildcards: false }))) return false
  return chain.every((certificate, index) => {
    const issuer = chain[index + 1]
    const isTimely =
      Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo)
    return (
      isTimely &&
      (!issuer ||
        (issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)))
    )
  })
}
