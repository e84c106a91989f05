/** The doctor at a relay that is stored, and at one that is to be stored only if it logs in. */

import type { Bound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import { newId } from '../domain/id.ts'
import type { RelayConfig, RelayCredential, StoredRelay } from '../domain/relay.ts'
import type { RelayCheck } from '../domain/relay-check.ts'
import { SealError } from '../domain/seal.ts'
import { examineRelay, type LoginDesk, UNCOUNTED } from './doctor.ts'
import { changedRelay } from './relay-change.ts'
import { openCredential } from './relay-credential.ts'
import type { RelayLogin } from './relay-login.ts'
import { findRelay, onEveryShard, type RelayWork } from './relay-work.ts'

/** @throws PosternError `relay.not_found`, `relay.host_refused` */
export async function checkRelay(
  work: RelayWork,
  caller: Bound,
  id: string,
  { login }: { login: boolean },
): Promise<RelayCheck> {
  const relay = await findRelay(work, caller, id)
  // What was allowed when it was stored may be refused now.
  changedRelay(relay, { host: relay.host }, work.settings.relayReach)
  const desk = login && relay.auth_user !== null ? await gateDesk(work, relay) : null
  return await examine(work, relay, relay.sealed_credential, desk)
}

/**
 * A changed login is tried once, as whoever states it asks for; one that is stored already obeys its gate.
 * @throws PosternError `relay.check_failed` with what was found
 */
export async function assertLogsIn(
  work: RelayWork,
  stored: StoredRelay | null,
  config: RelayConfig,
  { sealed_credential, changed }: RelayLogin,
): Promise<void> {
  const desk = stored && !changed ? await gateDesk(work, stored) : UNCOUNTED
  const check = await examine(work, config, sealed_credential, desk)
  if (check.works) return
  const cure = check.advice[0]
  const detail = cure ? `${check.summary} ${cure.what} ${cure.do}` : check.summary
  throw new PosternError('relay.check_failed', detail, { members: { check } })
}

async function examine(
  { sealer, connector, settings }: RelayWork,
  relay: RelayConfig,
  sealed_credential: string | null,
  desk: LoginDesk | null,
): Promise<RelayCheck> {
  const credential = await open()
  const { deadlines } = settings
  return await examineRelay({ connector, deadlines, relay, credential, desk })

  async function open(): Promise<RelayCredential | null | undefined> {
    try {
      return await openCredential(sealer, { id: relay.id, host: relay.host, sealed_credential })
    } catch (error) {
      if (error instanceof SealError) return undefined
      throw error
    }
  }
}

/** Each check is a shard of its own to the gate, so that none gives back the permit of another. */
async function gateDesk(work: RelayWork, relay: StoredRelay): Promise<LoginDesk> {
  const { clock, logLine } = work
  const { credential_version } = relay
  const gate = work.gate(relay.id)
  await gate.configure(relay)
  const shard = newId('req', clock.now())
  const self = { shard, incarnation: shard }
  return {
    version: credential_version,
    permit: () => gate.mayAuthenticate({ ...self, credential_version }),
    async report(reports) {
      const events = await gate.report({ ...self, reports })
      for (const event of events) logLine({ ...event })
      if (!events.some(({ type }) => type === 'relay.recovered') || relay.paused) return
      await onEveryShard(work, (outbox) => outbox.wake(relay.id))
    },
  }
}
