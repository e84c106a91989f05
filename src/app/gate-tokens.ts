/**
 * Access tokens of a relay's login by OAuth. The gate asks for them, so that one token serves all shards; they and a
 * rotated refresh token are kept sealed. Calls are answered one after another: what the first was told holds for all.
 * That no token can be had is never a failed login: it has rows, alarms and words of its own, with the login's back-off.
 */

import { dispose } from '../domain/disposition.ts'
import type { Failure } from '../domain/failure.ts'
import type { OAuthClient, StoredRelay } from '../domain/relay.ts'
import { SealError } from '../domain/seal.ts'
import type { Settings } from '../domain/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { Sealer } from '../ports/control-plane.ts'
import type { GateStore } from '../ports/gate-store.ts'
import type { TokenAnswer, TokenAsk, TokenGrant } from '../ports/relay-gate.ts'
import type { TokenEndpoint } from '../ports/token-endpoint.ts'
import { GateAlarms } from './gate-alarms.ts'
import { blockedUntil, currentCredential, rejected, TROUBLES, troubled } from './gate-credential.ts'
import { knownCredential, relayAad } from './relay-credential.ts'
import { sealAnew } from './seal-anew.ts'
import { askForToken } from './token-grant.ts'

export interface TokenWork {
  store: GateStore
  clock: Clock
  settings: Pick<Settings, 'authBackoffMs' | 'retryScheduleMs'>
  sealer: Sealer
  endpoint: TokenEndpoint
}

type OAuthRelay = StoredRelay & { oauth: OAuthClient }

export class GateTokens {
  readonly #work: TokenWork
  #last: Promise<unknown> = Promise.resolve()

  constructor(work: TokenWork) {
    this.#work = work
  }

  token(ask: TokenAsk): Promise<TokenAnswer> {
    return this.#inTurn(() => this.#token(ask))
  }

  /** What was had while this login was tried, before it was stored. */
  adopt(credential_version: number, grant: TokenGrant): Promise<void> {
    return this.#inTurn(async () => {
      const relay = this.#work.store.relay()
      if (!relay?.oauth || relay.credential_version !== credential_version) return
      await this.#take({ ...relay, oauth: relay.oauth }, grant, {})
    })
  }

  /** After a change of the master key: what the earlier one sealed is sealed with the present one. */
  reseal(): Promise<void> {
    return this.#inTurn(async () => {
      const { store, sealer } = this.#work
      const relay = store.relay()
      const state = store.token()
      if (!relay?.oauth || !state) return
      const aad = relayAad(relay, 'token')
      // What no key opens stays as it is.
      const anew = async (sealed: string | null) =>
        sealed && ((await sealAnew(sealer, sealed, aad)) ?? sealed)
      const sealed_token = await anew(state.sealed_token)
      const sealed_refresh = await anew(state.sealed_refresh)
      if (store.token()?.version !== state.version) return
      if (sealed_token === state.sealed_token && sealed_refresh === state.sealed_refresh) return
      store.putToken({ ...state, sealed_token, sealed_refresh })
    })
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(work)
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #token({ credential_version, refused, anew }: TokenAsk): Promise<TokenAnswer> {
    const { store, clock, endpoint, sealer } = this.#work
    const now = clock.now()
    const relay = store.relay()
    if (!relay?.oauth) return { ok: false, retry_at: null }
    // The shard holds an older configuration: it renews its lease and asks again.
    if (credential_version !== relay.credential_version) return { ok: false, retry_at: now }
    const until = blockedUntil(currentCredential(store.credential(), relay), now)
    if (until !== undefined) return { ok: false, retry_at: until }
    const asked: OAuthRelay = { ...relay, oauth: relay.oauth }
    const kept = await this.#kept(asked, now)
    if (!anew && kept.token !== undefined && kept.token !== refused) {
      return { ok: true, token: kept.token, fresh: refused !== undefined }
    }
    const stored = await knownCredential(sealer, relay)
    if (!stored || !('client_secret' in stored)) {
      return { ok: false, failure: { step: 'auth', cause: 'config', detail: 'seal' }, events: [] }
    }
    const secrets = { ...stored, refresh_token: kept.refresh ?? stored.refresh_token }
    const grant = await askForToken(endpoint, asked.oauth, secrets)
    if ('cause' in grant) return this.#failed(asked, grant)
    if (await this.#take(asked, grant, kept)) return { ok: true, token: grant.token, fresh: true }
    return { ok: false, retry_at: clock.now() }
  }

  async #kept(relay: OAuthRelay, now: number): Promise<{ token?: string; refresh?: string }> {
    const state = this.#work.store.token()
    if (state?.version !== relay.credential_version) return {}
    const token = state.usable_until > now ? await this.#open(relay, state.sealed_token) : undefined
    const refresh = await this.#open(relay, state.sealed_refresh)
    return { ...(token !== undefined && { token }), ...(refresh !== undefined && { refresh }) }
  }

  /** What no master key opens any more is as good as never had. */
  async #open(relay: OAuthRelay, sealed: string | null): Promise<string | undefined> {
    if (sealed === null) return undefined
    try {
      return await this.#work.sealer.open(sealed, relayAad(relay, 'token'))
    } catch (error) {
      if (error instanceof SealError) return undefined
      throw error
    }
  }

  /** False where the login was changed meanwhile: what was had is for another one. */
  async #take(relay: OAuthRelay, grant: TokenGrant, kept: { refresh?: string }): Promise<boolean> {
    const { store, clock, sealer } = this.#work
    const usable_until = clock.now() + grant.usableMs
    const refresh = grant.refreshToken ?? kept.refresh
    const seal = (text: string) => sealer.seal(text, relayAad(relay, 'token'))
    const sealed_token = await seal(grant.token)
    const sealed_refresh =
      relay.oauth.grant === 'refresh_token' && refresh !== undefined ? await seal(refresh) : null
    const version = relay.credential_version
    if (store.relay()?.credential_version !== version) return false
    store.transaction(() => store.putToken({ version, sealed_token, usable_until, sealed_refresh }))
    return true
  }

  #failed(relay: OAuthRelay, failure: Failure): TokenAnswer {
    const { store, clock, settings } = this.#work
    return store.transaction((): TokenAnswer => {
      const now = clock.now()
      const current = store.relay()
      if (current?.credential_version !== relay.credential_version) {
        return { ok: false, retry_at: now }
      }
      const before = currentCredential(store.credential(), current)
      const { code, retry } = dispose(failure, { dotSent: false })
      const refused = failure.cause === 'token_refused'
      const after = refused
        ? rejected(
            before,
            { code, by_operator: retry === 'after_operator' },
            settings.authBackoffMs,
            now,
          )
        : troubled(before, code, settings.retryScheduleMs, now)
      store.putCredential(after)
      const alarms = new GateAlarms(store, relay.id, now)
      if (refused) alarms.raise('relay.oauth_rejected', '', failure.detail)
      else if (after.troubles >= TROUBLES) alarms.raise('relay.oauth_failing', '', failure.detail)
      return { ok: false, failure, events: alarms.events }
    })
  }
}
