/** The doctor at a relay that is stored, and at one that is to be stored only if it logs in. */

import type { Bound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import { newId } from '../domain/id.ts'
import type { RelayConfig, RelayCredential, StoredRelay } from '../domain/relay.ts'
import type { RelayCheck } from '../domain/relay-check.ts'
import { SealError } from '../domain/seal.ts'
import type { GateEvent, TokenGrant } from '../ports/relay-gate.ts'
import { examineRelay, type LoginDesk, UNCOUNTED } from './doctor.ts'
import { changedRelay } from './relay-change.ts'
import { openCredential, openPassword } from './relay-credential.ts'
import type { RelayLogin } from './relay-login.ts'
import { findRelay, onEveryShard, type RelayWork } from './relay-work.ts'
import { askForToken } from './token-grant.ts'

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
  return await examine(work, relay, relay, desk)
}

/**
 * A changed login is tried once, as whoever states it asks for; one that is stored already obeys its gate. Answers the
 * access token that was had for it: a refresh token may be void after it was used.
 * @throws PosternError `relay.check_failed` with what was found
 */
export async function assertLogsIn(
  work: RelayWork,
  stored: StoredRelay | null,
  config: RelayConfig,
  login: RelayLogin,
): Promise<TokenGrant | undefined> {
  const free = freeDesk(work, config, login)
  const desk = stored && !login.changed ? await gateDesk(work, stored) : free
  const check = await examine(work, config, login, desk)
  if (check.works) return free.granted
  const cure = check.advice[0]
  const detail = cure ? `${check.summary} ${cure.what} ${cure.do}` : check.summary
  throw new PosternError('relay.check_failed', detail, { members: { check } })
}

type Login = Pick<StoredRelay, 'auth_user' | 'oauth' | 'sealed_credential'>

async function examine(
  { sealer, connector, settings }: RelayWork,
  relay: RelayConfig,
  login: Login,
  desk: LoginDesk | null,
): Promise<RelayCheck> {
  const credential = await open()
  const { deadlines } = settings
  return await examineRelay({ connector, deadlines, relay, credential, desk })

  async function open(): Promise<RelayCredential | null | undefined> {
    if (login.auth_user !== null && login.oauth) return { user: login.auth_user, token: 'unspoken' }
    try {
      return await openPassword(sealer, { ...login, id: relay.id, host: relay.host })
    } catch (error) {
      if (error instanceof SealError) return undefined
      throw error
    }
  }
}

function freeDesk(
  { sealer, tokenEndpoint }: RelayWork,
  { id, host }: RelayConfig,
  { oauth, sealed_credential }: RelayLogin,
): LoginDesk & { granted?: TokenGrant } {
  const desk: LoginDesk & { granted?: TokenGrant } = { ...UNCOUNTED }
  if (!oauth) return desk
  desk.token = async () => {
    const secrets = await openCredential(sealer, { id, host, oauth, sealed_credential })
    if (!secrets || !('client_secret' in secrets))
      throw new SealError('no OAuth secrets are sealed')
    const grant = await askForToken(tokenEndpoint, oauth, secrets)
    if ('cause' in grant) return { ok: false, failure: grant, events: [] }
    desk.granted = grant
    return { ok: true, token: grant.token, fresh: true }
  }
  return desk
}

/** Each check is a shard of its own to the gate, so that none gives back the permit of another. */
async function gateDesk(work: RelayWork, relay: StoredRelay): Promise<LoginDesk> {
  const { clock, logLine } = work
  const { credential_version, oauth } = relay
  const gate = work.gate(relay.id)
  await gate.configure(relay)
  const shard = newId('req', clock.now())
  const self = { shard, incarnation: shard }
  const tell = (events: GateEvent[]) => {
    for (const event of events) logLine({ ...event })
  }
  return {
    version: credential_version,
    ...(oauth && {
      async token() {
        const answer = await gate.accessToken({ credential_version, anew: true })
        if ('events' in answer) tell(answer.events)
        return answer
      },
    }),
    permit: () => gate.mayAuthenticate({ ...self, credential_version }),
    async report(reports) {
      const events = await gate.report({ ...self, reports })
      tell(events)
      if (!events.some(({ type }) => type === 'relay.recovered') || relay.paused) return
      await onEveryShard(work, (outbox) => outbox.wake(relay.id))
    },
  }
}
