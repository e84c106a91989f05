/**
 * SASL mechanisms for AUTH (RFC 4954), best first. A mechanism is a name and what to answer: SCRAM and XOAUTH2 are
 * further entries, chosen by what the credential holds.
 */

import type { RelayCredential } from '../domain/relay.ts'

export interface Exchange {
  /** Sent with AUTH itself (base64); absent: the relay speaks first. */
  initial?: string
  /** The answer (base64) to a challenge (base64), or undefined where the mechanism has none. */
  respond(challenge: string): string | undefined
}

export interface Mechanism {
  name: string
  /** Undefined where the credential can't be said in this mechanism. */
  begin(credential: RelayCredential): Exchange | undefined
}

/** RFC 4616. */
const PLAIN: Mechanism = {
  name: 'PLAIN',
  begin({ user, password }) {
    if (user.includes('\0') || password.includes('\0')) return undefined
    return { initial: base64(`\0${user}\0${password}`), respond: () => undefined }
  },
}

/** draft-murchison-sasl-login: user first, then password, whatever the challenges say. */
const LOGIN: Mechanism = {
  name: 'LOGIN',
  begin({ user, password }) {
    const answers = [user, password].map(base64)
    return { respond: () => answers.shift() }
  },
}

export const MECHANISMS: readonly Mechanism[] = [PLAIN, LOGIN]

/** Mechanisms that relay and credential share, in the order to try them. */
export function commonMechanisms(
  offered: readonly string[],
  credential: RelayCredential,
): { name: string; exchange: Exchange }[] {
  return MECHANISMS.flatMap(({ name, begin }) => {
    const exchange = offered.includes(name) ? begin(credential) : undefined
    return exchange ? [{ name, exchange }] : []
  })
}

/** Every form in which a relay could repeat the secret to us. */
export function secretsOf({ user, password }: RelayCredential): string[] {
  return [base64(`\0${user}\0${password}`), base64(password), password]
}

function base64(text: string): string {
  let octets = ''
  for (const octet of new TextEncoder().encode(text)) octets += String.fromCharCode(octet)
  return btoa(octets)
}
