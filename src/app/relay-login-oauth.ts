/** A login by OAuth over a change: its secrets follow to no other host, user, token URL or client. */

import { invalidRequest, PosternError } from '../domain/errors.ts'
import { readOutsideUrl } from '../domain/outside-url.ts'
import type { OAuthClient, OAuthCredential, StoredRelay } from '../domain/relay.ts'
import type { RelayReach } from '../domain/relay-host-guard.ts'
import type { Sealer } from '../ports/control-plane.ts'
import { sameJson } from './relay-change.ts'
import { knownCredential, sealCredential } from './relay-credential.ts'
import { credentialRequired, type LoginChange, loginOf, type RelayLogin } from './relay-login.ts'

export interface OAuthRequest {
  token_url?: string
  client_id?: string
  client_secret?: string
  scope?: string | null | undefined
  grant?: OAuthClient['grant']
  refresh_token?: string
}

/** @throws PosternError `relay.credential_required`, `relay.host_refused`, `request.invalid` */
export async function oauthLogin(
  sealer: Sealer,
  { stored, id, host, partial, reach }: LoginChange,
  user: string,
  given: OAuthRequest,
): Promise<RelayLogin> {
  const keeps = partial || Object.keys(given).length === 0
  const client = changedClient(keeps ? (stored?.oauth ?? null) : null, given, reach)
  const same =
    stored?.host === host && stored.auth_user === user && isSameClient(stored.oauth, client)
  const known = same ? await knownSecrets(sealer, stored) : null
  const credential = secretsOf(user, client, given, known)
  const stated = given.client_secret !== undefined || given.refresh_token !== undefined
  const tryAgain = partial && stated
  if (same && !tryAgain && sameJson(known, credential) && sameJson(stored.oauth, client)) {
    return { ...loginOf(stored), changed: false }
  }
  const sealed = await sealCredential(sealer, { id, host, oauth: client }, credential)
  return { auth_user: user, oauth: client, sealed_credential: sealed, changed: true }
}

function changedClient(
  before: OAuthClient | null,
  given: OAuthRequest,
  reach: RelayReach,
): OAuthClient {
  const { scope = before?.scope ?? null } = given
  const token_url = given.token_url ?? before?.token_url
  const client_id = given.client_id ?? before?.client_id
  const grant = given.grant ?? before?.grant
  if (token_url === undefined || client_id === undefined || grant === undefined) {
    const missing = Object.entries({ token_url, client_id, grant })
      .filter(([, value]) => value === undefined)
      .map(([name]) => ({
        pointer: `/auth/oauth/${name}`,
        code: 'field.required',
        message: `The field "${name}" is needed.`,
      }))
    throw invalidRequest(missing)
  }
  const read = readOutsideUrl(token_url, reach)
  if ('url' in read) return { token_url: read.url, client_id, scope, grant }
  const violation = { pointer: '/auth/oauth/token_url', code: 'relay.host_refused' }
  throw new PosternError('relay.host_refused', `the token URL ${read.problem}`, {
    violations: [{ ...violation, message: read.problem }],
  })
}

function isSameClient(one: OAuthClient | null, other: OAuthClient): boolean {
  return one?.token_url === other.token_url && one.client_id === other.client_id
}

async function knownSecrets(sealer: Sealer, stored: StoredRelay): Promise<OAuthCredential | null> {
  const known = await knownCredential(sealer, stored)
  return known && 'client_secret' in known ? known : null
}

function secretsOf(
  user: string,
  { grant }: OAuthClient,
  given: OAuthRequest,
  known: OAuthCredential | null,
): OAuthCredential {
  const client_secret = given.client_secret ?? known?.client_secret
  const refresh_token =
    grant === 'refresh_token' ? (given.refresh_token ?? known?.refresh_token) : null
  const lacks = (name: string) => ({
    pointer: `/auth/oauth/${name}`,
    message: `give auth.oauth.${name} again: it follows to no other host, user, token_url or client_id by itself`,
  })
  const missing = [
    ...(client_secret === undefined ? [lacks('client_secret')] : []),
    ...(grant === 'refresh_token' && !refresh_token ? [lacks('refresh_token')] : []),
  ]
  if (client_secret === undefined || missing.length > 0) throw credentialRequired(missing)
  return { user, client_secret, refresh_token: refresh_token ?? null }
}
