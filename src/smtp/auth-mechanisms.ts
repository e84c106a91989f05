/** The mechanisms we speak, best first; what the credential holds decides which of them can be spoken. */

import { Buffer } from 'node:buffer'
import type { RelayCredential } from '../domain/relay.ts'
import type { AuthContext, Exchange, Mechanism } from './auth-mechanism.ts'
import { LOGIN, PLAIN } from './auth-password.ts'
import { SCRAM_SHA_256 } from './auth-scram.ts'
import { OAUTHBEARER, XOAUTH2 } from './auth-token.ts'

const MECHANISMS: readonly Mechanism[] = [SCRAM_SHA_256, PLAIN, LOGIN, OAUTHBEARER, XOAUTH2]

/** Mechanisms that relay and credential share, in the order to try them. */
export function commonMechanisms(
  offered: readonly string[],
  credential: RelayCredential,
  context: AuthContext,
): { name: string; exchange: Exchange }[] {
  return MECHANISMS.flatMap(({ name, begin }) => {
    const exchange = offered.includes(name) ? begin(credential, context) : undefined
    return exchange ? [{ name, exchange }] : []
  })
}

/** The secret in the forms in which a relay could repeat it, whatever was said; what was said comes on top. */
export function secretsOf(credential: RelayCredential): string[] {
  const secret = 'token' in credential ? credential.token : credential.password
  return [base64(`\0${credential.user}\0${secret}`), base64(secret), secret]
}

export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
