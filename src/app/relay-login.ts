/** The login of a relay over a change: kept only for the same host and user, else the secret is needed again. */

import { type AnyCode, invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import type { OAuthClient, StoredRelay } from '../domain/relay.ts'
import type { RelayReach } from '../domain/relay-host-guard.ts'
import type { Sealer } from '../ports/control-plane.ts'
import type { TokenGrant } from '../ports/relay-gate.ts'
import type { RelayRequest } from './relay-change.ts'
import { knownCredential, sealCredential } from './relay-credential.ts'
import { oauthLogin } from './relay-login-oauth.ts'

export interface RelayLogin {
  auth_user: string | null
  oauth: OAuthClient | null
  sealed_credential: string | null
  /** Host, user or secret are others than before: breakers close and warm sessions end. */
  changed: boolean
  /** Had while it was tried. */
  granted?: TokenGrant | undefined
}

export interface LoginChange {
  stored: StoredRelay | null
  id: string
  host: string
  /** Left out: stays as it is. */
  auth: RelayRequest['auth']
  /**
   * A PATCH: what is left out stays, and a secret that is stated is to be tried again, so that it counts as changed
   * though it is the same.
   */
  partial: boolean
  reach: RelayReach
}

/** @throws PosternError `relay.credential_required`, `relay.host_refused`, `request.invalid` */
export async function changeLogin(sealer: Sealer, change: LoginChange): Promise<RelayLogin> {
  const { stored, auth } = change
  if (auth === null || (auth === undefined && !stored?.auth_user)) {
    const changed = stored?.auth_user !== null
    return { auth_user: null, oauth: null, sealed_credential: null, changed }
  }
  const user = auth?.user ?? stored?.auth_user
  if (!user) throw refused('/auth/user', 'field.required', 'the login needs a user')
  const { password, oauth } = auth ?? {}
  if (password !== undefined && oauth !== undefined) {
    throw refused('/auth/oauth', 'field.not_allowed', 'a login has a password or oauth, not both')
  }
  const kept = password === undefined && stored?.oauth ? {} : undefined
  const token = oauth ?? kept
  return token
    ? oauthLogin(sealer, change, user, token)
    : passwordLogin(sealer, change, user, password)
}

async function passwordLogin(
  sealer: Sealer,
  { stored, id, host, partial }: LoginChange,
  user: string,
  password: string | undefined,
): Promise<RelayLogin> {
  const same = stored?.host === host && stored.auth_user === user && !stored.oauth ? stored : null
  const kept = same && { ...loginOf(same), changed: false }
  if (password === undefined) {
    if (kept?.sealed_credential) return kept
    const message = 'give auth.password again: it never follows to another host or user by itself'
    throw credentialRequired([{ pointer: '/auth/password', message }])
  }
  if (kept && !partial) {
    const known = await knownCredential(sealer, same)
    if (known && 'password' in known && known.password === password) return kept
  }
  const sealed = await sealCredential(sealer, { id, host, oauth: null }, { user, password })
  return { auth_user: user, oauth: null, sealed_credential: sealed, changed: true }
}

export function loginOf(relay: StoredRelay): Omit<RelayLogin, 'changed' | 'granted'> {
  const { auth_user, oauth, sealed_credential } = relay
  return { auth_user, oauth, sealed_credential }
}

export function credentialRequired(missing: Pick<Violation, 'pointer' | 'message'>[]) {
  const code = 'relay.credential_required'
  const violations = missing.map((one) => ({ ...one, code }))
  return new PosternError(code, missing[0]?.message ?? '', { violations })
}

function refused(pointer: string, code: AnyCode, message: string): PosternError {
  return invalidRequest([{ pointer, code, message }])
}
