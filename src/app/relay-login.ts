/** The login of a relay over a change: kept only for the same host and user, else the password is needed again. */

import { PosternError } from '../domain/errors.ts'
import type { PasswordCredential, StoredRelay } from '../domain/relay.ts'
import { SealError } from '../domain/seal.ts'
import type { Sealer } from '../ports/control-plane.ts'
import type { RelayRequest } from './relay-change.ts'
import { openCredential, sealCredential } from './relay-credential.ts'

export interface RelayLogin {
  auth_user: string | null
  sealed_credential: string | null
  /** Host, user or secret are others than before: breakers close and warm sessions end. */
  changed: boolean
}

export interface LoginChange {
  stored: StoredRelay | null
  id: string
  host: string
  /** Left out: stays as it is. */
  auth: RelayRequest['auth']
  /** Somebody stated the password to have it tried again: it counts as changed though it is the same. */
  restated: boolean
}

/** @throws PosternError `relay.credential_required`, `request.invalid` */
export async function changeLogin(sealer: Sealer, change: LoginChange): Promise<RelayLogin> {
  const { stored, id, host, auth } = change
  const sameHost = stored?.host === host
  if (auth === null || (auth === undefined && !stored?.auth_user)) {
    return { auth_user: null, sealed_credential: null, changed: stored?.auth_user !== null }
  }
  const user = auth?.user ?? stored?.auth_user
  if (!user) throw missing('request.invalid', '/auth/user', 'the login needs a user')
  const password = auth?.password
  if (password === undefined) {
    if (!stored?.sealed_credential || !sameHost || stored.auth_user !== user) {
      const why = 'give auth.password again: it never follows to another host or user by itself'
      throw missing('relay.credential_required', '/auth/password', why)
    }
    return { auth_user: user, sealed_credential: stored.sealed_credential, changed: false }
  }
  const credential = { user, password }
  if (!change.restated && sameHost && (await isStored(sealer, stored, credential))) {
    return { auth_user: user, sealed_credential: stored.sealed_credential, changed: false }
  }
  const sealed = await sealCredential(sealer, { id, host }, credential)
  return { auth_user: user, sealed_credential: sealed, changed: true }
}

async function isStored(
  sealer: Sealer,
  stored: StoredRelay,
  credential: PasswordCredential,
): Promise<boolean> {
  try {
    const known = await openCredential(sealer, stored)
    return known?.user === credential.user && known.password === credential.password
  } catch (error) {
    if (error instanceof SealError) return false
    throw error
  }
}

function missing(
  code: 'request.invalid' | 'relay.credential_required',
  pointer: string,
  message: string,
): PosternError {
  const violation = code === 'request.invalid' ? 'field.required' : code
  return new PosternError(code, message, { violations: [{ pointer, code: violation, message }] })
}
