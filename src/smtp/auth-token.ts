/** The mechanisms that say an OAuth access token. A refused one comes as a challenge first, then as the reply. */

import type { RelayCredential, TokenCredential } from '../domain/relay.ts'
import { type Exchange, type Mechanism, UNEXPECTED } from './auth-mechanism.ts'
import { saslName } from './sasl-name.ts'

/** RFC 7628 §3.1; the error is answered with one U+0001 (§3.2.3). */
export const OAUTHBEARER: Mechanism = {
  name: 'OAUTHBEARER',
  begin(credential, { host, port }) {
    if (!canBeSaid(credential)) return undefined
    const { user, token } = credential
    const place = `host=${host}\x01port=${port}`
    return saying(`n,a=${saslName(user)},\x01${place}\x01auth=Bearer ${token}\x01\x01`, '\x01')
  },
}

/** Google's and Microsoft's own form of it; the error is answered with an empty line. */
export const XOAUTH2: Mechanism = {
  name: 'XOAUTH2',
  begin(credential) {
    if (!canBeSaid(credential)) return undefined
    const { user, token } = credential
    return saying(`user=${user}\x01auth=Bearer ${token}\x01\x01`, '')
  },
}

function canBeSaid(credential: RelayCredential): credential is TokenCredential {
  return 'token' in credential && !/[\0\x01]/.test(credential.user)
}

function saying(initial: string, acknowledgement: string): Exchange {
  const answers = [acknowledgement]
  return { initial, respond: () => answers.shift() ?? UNEXPECTED }
}
