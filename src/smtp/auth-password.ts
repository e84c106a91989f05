/** The mechanisms that say the password itself: nothing but proven TLS protects it. */

import { type Mechanism, UNEXPECTED } from './auth-mechanism.ts'

/** RFC 4616. */
export const PLAIN: Mechanism = {
  name: 'PLAIN',
  begin(credential) {
    if (!('password' in credential)) return undefined
    const { user, password } = credential
    if (user.includes('\0') || password.includes('\0')) return undefined
    return { initial: `\0${user}\0${password}`, respond: () => UNEXPECTED }
  },
}

/** draft-murchison-sasl-login: user first, then password, whatever the challenges say. */
export const LOGIN: Mechanism = {
  name: 'LOGIN',
  begin(credential) {
    if (!('password' in credential)) return undefined
    const answers = [credential.user, credential.password]
    return { respond: () => answers.shift() ?? UNEXPECTED }
  },
}
