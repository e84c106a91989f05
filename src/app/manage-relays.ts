/** Relays: made and changed. The row in D1 decides; each change is then pushed to the gate and wakes the shards. */

import type { Bound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import type { RelayConfig, StoredRelay } from '../domain/relay.ts'
import { rfc3339 } from '../ports/clock.ts'
import { assertLogsIn } from './check-relay.ts'
import { assertMayManage } from './relay-bounds.ts'
import { changedRelay, type RelayRequest, sameConfig, wholeRelay } from './relay-change.ts'
import { changeLogin, type LoginChange, type RelayLogin } from './relay-login.ts'
import { findRelay, onEveryShard, type RelayWork } from './relay-work.ts'

/** The relay that `POSTERN_RELAY_URL` makes; nothing else has this name. */
export const DEFAULT_RELAY = 'default'

/** @throws PosternError `relay.exists` and what `putRelay` throws */
export async function createRelay(
  work: RelayWork,
  caller: Bound,
  id: string,
  request: RelayRequest & { host: string },
): Promise<StoredRelay> {
  assertWritable(id)
  if (await work.relays.get(id, { fresh: true })) {
    throw new PosternError('relay.exists', 'change it with PUT or PATCH /v1/relays/{id}')
  }
  return (await putRelay(work, caller, id, request)).relay
}

/**
 * Creates or replaces; the same request again changes nothing.
 * @throws PosternError `auth.binding`, `relay.read_only`, `relay.host_refused`, `relay.credential_required`, `relay.conflict`,
 * `relay.check_failed`, `request.invalid`
 */
export async function putRelay(
  work: RelayWork,
  caller: Bound,
  id: string,
  request: RelayRequest & { host: string },
): Promise<{ relay: StoredRelay; created: boolean }> {
  assertWritable(id)
  const stored = await work.relays.get(id, { fresh: true })
  const config = wholeRelay(id, request, work.settings.relayReach)
  assertMayManage(caller, config)
  if (stored) assertMayManage(caller, stored)
  await assertOnlyOwnMail(work, caller, id)
  const { auth = null, check } = request
  const relay = await changeRelay(work, stored, config, { auth, partial: false }, check)
  return { relay, created: stored === null }
}

/** @throws PosternError `relay.not_found` and what `putRelay` throws */
export async function patchRelay(
  work: RelayWork,
  caller: Bound,
  id: string,
  request: RelayRequest,
): Promise<StoredRelay> {
  assertWritable(id)
  const stored = await findRelay(work, caller, id)
  const config = changedRelay(stored, request, work.settings.relayReach)
  assertMayManage(caller, config)
  await assertOnlyOwnMail(work, caller, id)
  const { auth, check } = request
  return await changeRelay(work, stored, config, { auth, partial: true }, check)
}

/** Its senders may have been others before, or a relay of this name: their mail follows the configuration. */
async function assertOnlyOwnMail(work: RelayWork, caller: Bound, id: string): Promise<void> {
  const senders = caller.key?.senders
  if (!senders) return
  const shards = await onEveryShard(work, (outbox) => outbox.foreign(id, senders))
  const foreign = shards.reduce((sum, recipients) => sum + recipients, 0)
  if (foreign === 0) return
  throw new PosternError(
    'auth.binding',
    `mail of senders beyond this key's may still go to ${id}: until that is over a key with fewer bindings has to change it`,
  )
}

async function changeRelay(
  work: RelayWork,
  stored: StoredRelay | null,
  config: RelayConfig,
  change: Pick<LoginChange, 'auth' | 'partial'>,
  check = false,
): Promise<StoredRelay> {
  const { id, host } = config
  const reach = work.settings.relayReach
  const login = await changeLogin(work.sealer, { ...change, stored, id, host, reach })
  if (check) login.granted = await assertLogsIn(work, stored, config, login)
  return await storeRelay(work, stored, config, login)
}

/** Writes what changed, tells the gate (always: that mends a push that got lost), and wakes waiting mail after a change. */
export async function storeRelay(
  work: RelayWork,
  stored: StoredRelay | null,
  config: RelayConfig,
  { changed, granted, ...login }: RelayLogin,
): Promise<StoredRelay> {
  if (stored && !changed && sameConfig(stored, config)) {
    await work.gate(config.id).configure(stored)
    return stored
  }
  const now = work.clock.now()
  // Versions begin with the time, so that a relay made anew is newer than its namesake that was deleted.
  const version = stored ? stored.version + 1 : now
  const relay: StoredRelay = {
    ...config,
    ...login,
    version,
    credential_version: stored && !changed ? stored.credential_version : version,
    created_at: stored?.created_at ?? rfc3339(now),
    updated_at: rfc3339(now),
  }
  if (!(await work.relays.put(relay))) {
    throw new PosternError('relay.conflict', 'read the relay again and repeat the change')
  }
  const gate = work.gate(relay.id)
  await gate.configure(relay)
  const { credential_version } = relay
  if (granted) await gate.adoptToken({ credential_version, grant: granted })
  if (!relay.paused) await onEveryShard(work, (outbox) => outbox.wake(relay.id))
  return relay
}

/** Waiting mail of the relay is due now; answers how many recipients. @throws PosternError `relay.not_found`, `relay.paused` */
export async function flushRelay(work: RelayWork, caller: Bound, id: string): Promise<number> {
  const relay = await findRelay(work, caller, id)
  if (relay.paused) {
    const detail = `PATCH /v1/relays/${id} with {"paused": false} ends the pause and sends what waits`
    throw new PosternError('relay.paused', detail)
  }
  const gate = work.gate(id)
  await gate.configure(relay)
  await gate.resume()
  const woken = await onEveryShard(work, (outbox) => outbox.wake(id))
  return woken.reduce((sum, recipients) => sum + recipients, 0)
}

export function assertWritable(id: string): void {
  if (id !== DEFAULT_RELAY) return
  throw new PosternError('relay.read_only', 'set or remove POSTERN_RELAY_URL instead')
}
