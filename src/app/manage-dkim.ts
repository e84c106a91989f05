/** DKIM keys of sender domains: made here or brought along, sealed at once, shown only by their public half. */

import { type Bound, coversAddresses } from '../domain/binding.ts'
import { readDomainName } from '../domain/domain-name.ts'
import { type AnyCode, invalidRequest, PosternError } from '../domain/errors.ts'
import {
  type DkimAlgorithm,
  DkimKeyError,
  type DkimKeyMaterial,
  dnsRecord,
  generateDkimKey,
  readDkimKey,
} from '../mime/dkim-key.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import type { DkimKey, DkimStore, Sealer } from '../ports/control-plane.ts'
import { dkimSealAad } from './dkim-seal.ts'

export interface DkimWork {
  clock: Clock
  dkim: DkimStore
  sealer: Sealer
}

export interface DkimRequest {
  domain: string
  selector: string
  algorithm?: DkimAlgorithm
  /** PEM. */
  private_key?: string
}

export interface DkimDocument {
  domain: string
  selector: string
  algorithm: DkimAlgorithm
  dns: { type: 'TXT'; name: string; value: string }
  created_at: string
}

/** @throws PosternError `dkim.exists`, `auth.binding`, `request.invalid` */
export async function createDkimKey(
  work: DkimWork,
  caller: Bound,
  request: DkimRequest,
): Promise<DkimKey> {
  const name = readDomainName(request.domain)
  if ('problem' in name) throw refused('/domain', 'domain.invalid', name.problem)
  const domain = name.ascii
  const selector = request.selector.toLowerCase()
  if (!maySign(caller, domain)) {
    throw new PosternError('auth.binding', `this key may not send for all of ${domain}`)
  }
  const stored = await work.dkim.list(domain, { fresh: true })
  if (stored.some((key) => key.selector === selector)) {
    throw new PosternError('dkim.exists', 'take another selector: one that was published is final')
  }
  const { algorithm, pem, public_key } = await material(request)
  const key: DkimKey = {
    domain,
    selector,
    algorithm,
    sealed_key: await work.sealer.seal(pem, dkimSealAad(domain, selector)),
    public_key,
    created_at: work.clock.now(),
  }
  await work.dkim.put(key)
  return key
}

/** A key bound to senders sees and changes only domains that it may send for as a whole. */
export async function listDkimKeys(
  work: DkimWork,
  caller: Bound,
  domain: string | undefined,
): Promise<DkimDocument[]> {
  const keys = await work.dkim.list(domain?.toLowerCase(), { fresh: true })
  return keys.filter((key) => maySign(caller, key.domain)).map(dkimDocument)
}

/** @throws PosternError `dkim.not_found` */
export async function deleteDkimKey(
  work: DkimWork,
  caller: Bound,
  domain: string,
  selector: string,
): Promise<void> {
  const [where, which] = [domain.toLowerCase(), selector.toLowerCase()]
  if (maySign(caller, where) && (await work.dkim.delete(where, which))) return
  throw new PosternError('dkim.not_found', 'this domain has no key with this selector')
}

export function dkimDocument(key: DkimKey): DkimDocument {
  const { name, type, value } = dnsRecord(key)
  const { domain, selector, algorithm } = key
  return {
    domain,
    selector,
    algorithm,
    dns: { type, name, value },
    created_at: rfc3339(key.created_at),
  }
}

async function material(
  request: DkimRequest,
): Promise<DkimKeyMaterial & { algorithm: DkimAlgorithm }> {
  if (request.private_key === undefined) {
    const algorithm = request.algorithm ?? 'rsa-sha256'
    return { algorithm, ...(await generateDkimKey(algorithm)) }
  }
  try {
    const key = readDkimKey(request.private_key)
    if (request.algorithm !== undefined && request.algorithm !== key.algorithm) {
      throw new DkimKeyError(`the key is one for ${key.algorithm}`)
    }
    return key
  } catch (error) {
    if (error instanceof DkimKeyError) throw refused('/private_key', 'dkim.key', error.message)
    throw error
  }
}

function maySign({ key }: Bound, domain: string): boolean {
  return !key || coversAddresses(key.senders, [`*@${domain}`])
}

function refused(pointer: string, code: AnyCode, message: string): PosternError {
  return invalidRequest([{ pointer, code, message }])
}
