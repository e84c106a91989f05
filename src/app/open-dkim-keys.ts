/** The DKIM keys of an author's domain, opened for signing. */

import { domainOf } from '../domain/address.ts'
import { readDomainName } from '../domain/domain-name.ts'
import type { DkimSigningKey } from '../mime/dkim.ts'
import type { DkimKey, DkimStore, Sealer } from '../ports/control-plane.ts'
import { dkimSealAad } from './dkim-seal.ts'

export interface SigningDeps {
  dkim: DkimStore
  sealer: Sealer
}

/** An opened key lives as long as the row that the store's cache holds. A value, never a promise: requests share it. */
const opened = new WeakMap<DkimKey, DkimSigningKey>()

/** Every key of the domain; none where the domain has none. Throws SealError where one doesn't open: unsigned is no fallback. */
export async function openSigningKeys(deps: SigningDeps, from: string): Promise<DkimSigningKey[]> {
  const rows = await deps.dkim.list(asciiDomainOf(from))
  return Promise.all(rows.map((row) => openKey(deps, row)))
}

async function openKey({ sealer }: SigningDeps, row: DkimKey): Promise<DkimSigningKey> {
  const known = opened.get(row)
  if (known) return known
  const { domain, selector, algorithm } = row
  const pem = await sealer.open(row.sealed_key, dkimSealAad(domain, selector))
  const key = { domain, selector, algorithm, pem }
  opened.set(row, key)
  return key
}

/** The domain of a checked address in A-labels. */
export function asciiDomainOf(address: string): string {
  const domain = readDomainName(domainOf(address))
  if ('problem' in domain) throw new Error(`not a checked address: ${domain.problem}`)
  return domain.ascii
}
