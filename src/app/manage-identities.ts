/** Senders who can sign: a private key that is sealed at once, or a service that holds it. */

import { type Bound, coversAddresses } from '../domain/binding.ts'
import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { lookupAddress } from '../domain/lookup-address.ts'
import { readOutsideUrl } from '../domain/outside-url.ts'
import type { RelayReach } from '../domain/relay-host-guard.ts'
import type { LocalKey } from '../ports/e2ee-registry.ts'
import type { Identity, IdentitySigner, IdentityStore } from '../ports/e2ee-stores.ts'
import type { SignAlgorithm } from '../ports/signer.ts'
import {
  assertFits,
  assertServes,
  type MaterialWork,
  readLocalKey,
  readSelfKeys,
  readSigningCertificate,
} from './identity-material.ts'
import { identityAad, sealLocalKey } from './identity-seal.ts'
import type { ProtectDeps } from './protect-copy.ts'
import { refusal } from './read-keys.ts'
import { tryIdentity } from './try-identity.ts'

export interface IdentityWork extends MaterialWork, ProtectDeps {
  settings: { relayReach: RelayReach }
  identities: IdentityStore
}

export interface SignerRequest {
  url: string
  key: string
  token?: string
  algorithms: SignAlgorithm[]
}

export interface IdentityRequest {
  protocol?: string
  private_key?: string
  passphrase?: string
  certificate?: string
  self?: string[]
  signer?: SignerRequest
  /** Only one that signs is stored. */
  check?: boolean
}

/** @throws PosternError `identity.token_required`, `auth.binding`, `request.invalid`, and what is wrong with the key */
export async function putIdentity(
  work: IdentityWork,
  caller: Bound,
  id: string,
  request: IdentityRequest,
): Promise<{ identity: Identity; created: boolean }> {
  const stored = await work.identities.get(id, { fresh: true })
  if (stored) assertMaySign(caller, stored.addresses)
  const protocols = request.protocol === undefined ? work.e2ee.protocols : [request.protocol]
  const given = sourceOf(request)
  const read =
    'private_key' in given
      ? await readLocalKey(work, given, protocols)
      : await readSigningCertificate(work, given.certificate, protocols)
  const { certificate, chain } = read
  const { protocol, addresses } = certificate
  const pointer = request.certificate === undefined ? '/private_key' : '/certificate'
  if (addresses.length === 0) {
    throw refusal('signer.identity_mismatch', 'the certificate names no address', pointer)
  }
  assertMaySign(caller, addresses)
  await assertServes(work, certificate, 'sign', { pointer, chain })
  if ('signer' in given) await assertFits(work, given.signer.algorithms, certificate)
  const self = await readSelfKeys(work, request.self ?? [], protocol)
  const signer = await signerOf(work, id, stored, given, read)
  const now = work.clock.now()
  const identity: Identity = {
    id,
    protocol,
    addresses,
    fingerprint: certificate.fingerprint,
    certificate: certificate.material,
    chain,
    self,
    signer,
    not_before: certificate.not_before,
    not_after: certificate.not_after,
    created_at: stored?.created_at ?? now,
    updated_at: now,
  }
  const from = signer.kind === 'http' ? '/signer' : '/private_key'
  if (request.check) await tryIdentity(work, identity, from)
  await work.identities.put(identity)
  return { identity, created: stored === null }
}

/** A key bound to senders knows only identities whose every address it may send for. */
export async function listIdentities(work: IdentityWork, caller: Bound): Promise<Identity[]> {
  const identities = await work.identities.list()
  return identities.filter(({ addresses }) => maySign(caller, addresses))
}

/** @throws PosternError `identity.not_found` */
export async function findIdentity(
  work: IdentityWork,
  caller: Bound,
  id: string,
): Promise<Identity> {
  const identity = await work.identities.get(id, { fresh: true })
  if (identity && maySign(caller, identity.addresses)) return identity
  throw new PosternError('identity.not_found', 'no identity has this name')
}

/** @throws PosternError `identity.not_found` */
export async function deleteIdentity(work: IdentityWork, caller: Bound, id: string): Promise<void> {
  await findIdentity(work, caller, id)
  await work.identities.delete(id)
}

type Source =
  | { private_key: string; passphrase?: string; certificate?: string }
  | { signer: SignerRequest; certificate: string }

function sourceOf({ private_key, passphrase, certificate, signer }: IdentityRequest): Source {
  const wrong = (pointer: string, code: Violation['code'], message: string) =>
    invalidRequest([{ pointer, code, message }])
  if (signer && private_key !== undefined) {
    throw wrong('/signer', 'field.not_allowed', 'Give either "private_key" or "signer".')
  }
  if (private_key !== undefined) {
    return {
      private_key,
      ...(passphrase !== undefined && { passphrase }),
      ...(certificate !== undefined && { certificate }),
    }
  }
  if (!signer) throw wrong('/private_key', 'field.required', 'Give "private_key" or "signer".')
  if (certificate !== undefined) return { signer, certificate }
  throw wrong('/certificate', 'field.required', 'Give the certificate of the key beside "signer".')
}

async function signerOf(
  { sealer, settings }: IdentityWork,
  id: string,
  stored: Identity | null,
  given: Source,
  read: LocalKey | Omit<LocalKey, 'secret'>,
): Promise<IdentitySigner> {
  if ('secret' in read) {
    return { kind: 'local', sealed_key: await sealLocalKey(sealer, id, read.secret) }
  }
  if (!('signer' in given)) throw new Error('a key without secret has a signer')
  const { key, token, algorithms } = given.signer
  const checked = readOutsideUrl(given.signer.url, settings.relayReach)
  if ('problem' in checked) {
    const message = `The URL ${checked.problem}.`
    throw invalidRequest([{ pointer: '/signer/url', code: 'identity.url', message }])
  }
  const { url } = checked
  const service = { kind: 'http' as const, url, key, algorithms: [...new Set(algorithms)] }
  if (token !== undefined) {
    return { ...service, sealed_token: await sealer.seal(token, identityAad(id, service)) }
  }
  if (stored?.signer.kind === 'http' && stored.signer.url === url) {
    return { ...service, sealed_token: stored.signer.sealed_token }
  }
  const message = 'give signer.token: it never follows to another URL by itself'
  throw new PosternError('identity.token_required', message, {
    violations: [{ pointer: '/signer/token', code: 'identity.token_required', message }],
  })
}

function maySign({ key }: Bound, addresses: string[]): boolean {
  // As identities are found: one for `Ada@` signs for `ada@` too.
  return !key || coversAddresses(key.senders, addresses.map(lookupAddress))
}

/** @throws PosternError `auth.binding` */
function assertMaySign(caller: Bound, addresses: string[]): void {
  if (maySign(caller, addresses)) return
  const message = `this key may not send for all of ${addresses.join(', ')}`
  throw new PosternError('auth.binding', message)
}
