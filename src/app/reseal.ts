/** After a change of the master key: every secret that an earlier one sealed is sealed anew, and the gates are told. */

import { type Bound, isUnbound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import type { DkimStore, RelayStore, Sealer } from '../ports/control-plane.ts'
import type { IdentityStore } from '../ports/e2ee-stores.ts'
import type { RelayGateRpc } from '../ports/relay-gate.ts'
import type { TriggerStore } from '../ports/trigger-store.ts'
import { dkimSealAad } from './dkim-seal.ts'
import { identityAad, sealOf } from './identity-seal.ts'
import { relayAad } from './relay-credential.ts'
import { sealAnew } from './seal-anew.ts'
import { secretsAad } from './trigger-secrets.ts'

export interface ResealWork {
  relays: RelayStore
  dkim: DkimStore
  identities: IdentityStore
  triggers: TriggerStore
  sealer: Sealer
  gate(relay: string): RelayGateRpc
}

export interface Resealed {
  /** How many were sealed anew. */
  relays: number
  dkim_keys: number
  identities: number
  triggers: number
  /** What no key opens: it stays as it is. */
  unopened: string[]
}

/** May be repeated: what has the current seal keeps it. @throws PosternError `auth.binding` */
export async function reseal(work: ResealWork, caller: Bound): Promise<Resealed> {
  if (!isUnbound(caller)) {
    throw new PosternError(
      'auth.binding',
      'this concerns everybody, so it needs a key without bindings',
    )
  }
  const done: Resealed = { relays: 0, dkim_keys: 0, identities: 0, triggers: 0, unopened: [] }
  await resealRelays(work, done)
  for (const { domain, selector, sealed_key } of await work.dkim.list(undefined, { fresh: true })) {
    const next = await sealAnew(work.sealer, sealed_key, dkimSealAad(domain, selector))
    if (next === null) done.unopened.push(`DKIM key ${selector} of ${domain}`)
    else if (next !== sealed_key) {
      done.dkim_keys += Number(await work.dkim.reseal(domain, selector, sealed_key, next))
    }
  }
  await resealIdentities(work, done)
  await resealTriggers(work, done)
  return done
}

async function resealIdentities(work: ResealWork, done: Resealed): Promise<void> {
  for (const { id, signer } of await work.identities.list()) {
    const sealed = sealOf(signer)
    const next = await sealAnew(work.sealer, sealed, identityAad(id, signer))
    if (next === null) done.unopened.push(`identity ${id}`)
    else if (next !== sealed) {
      done.identities += Number(await work.identities.reseal(id, sealed, next))
    }
  }
}

async function resealTriggers(work: ResealWork, done: Resealed): Promise<void> {
  for (const trigger of await work.triggers.list()) {
    const { id, sealed_secrets } = trigger
    if (sealed_secrets === null) continue
    const next = await sealAnew(work.sealer, sealed_secrets, secretsAad(trigger))
    if (next === null) done.unopened.push(`trigger ${id}`)
    else if (next !== sealed_secrets) {
      done.triggers += Number(await work.triggers.reseal(id, sealed_secrets, next))
    }
  }
}

async function resealRelays(work: ResealWork, done: Resealed): Promise<void> {
  for (const relay of await work.relays.list({ fresh: true })) {
    const { id, sealed_credential } = relay
    if (sealed_credential === null) continue
    const next = await sealAnew(work.sealer, sealed_credential, relayAad(relay, 'credential'))
    if (next === null) done.unopened.push(`relay ${id}`)
    else if (next !== sealed_credential) {
      done.relays += Number(await work.relays.reseal(id, sealed_credential, next))
    }
  }
  // All of them: a push may have been lost before.
  for (const relay of await work.relays.list({ fresh: true })) {
    await work.gate(relay.id).configure(relay)
  }
}
