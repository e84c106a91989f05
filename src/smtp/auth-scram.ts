/**
 * SCRAM (RFC 5802, 7677): proves that we know the password without saying it, and has the relay prove the same.
 * No channel binding: the runtime doesn't tell what TLS was bound to, so that `-PLUS` is never spoken.
 */

import { Buffer } from 'node:buffer'
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { type Cancel, type Exchange, type Mechanism, UNEXPECTED } from './auth-mechanism.ts'
import { saslName } from './sasl-name.ts'
import { saslPrep } from './sasl-prep.ts'

/** RFC 7677 §4. */
const FEWEST_ROUNDS = 4096
/** The runtime in production does no more. */
const MOST_ROUNDS = 100_000

const GS2_HEADER = 'n,,'
/** The header, in base64. */
const CHANNEL = 'c=biws'

export const SCRAM_SHA_256: Mechanism = {
  name: 'SCRAM-SHA-256',
  begin(credential, { nonce }) {
    if (!('password' in credential)) return undefined
    const user = saslPrep(credential.user)
    const password = saslPrep(credential.password)
    if (!user || !password) return undefined
    return scramExchange('sha256', user, password, nonce())
  },
}

/** User and password as SASLprep left them. */
export function scramExchange(
  hash: 'sha1' | 'sha256',
  user: string,
  password: string,
  nonce: string,
): Exchange {
  const clientFirst = `n=${saslName(user)},r=${nonce}`
  let expected: Buffer | undefined
  let proven = false

  function answerFirst(challenge: string): string | Cancel {
    const server = readServerFirst(challenge)
    if (!server?.nonce.startsWith(nonce) || server.nonce === nonce) return UNEXPECTED
    const { salt, rounds } = server
    if (rounds < FEWEST_ROUNDS || rounds > MOST_ROUNDS) return { cancel: 'auth_rounds' }
    const withoutProof = `${CHANNEL},r=${server.nonce}`
    const said = `${clientFirst},${challenge},${withoutProof}`
    const size = createHash(hash).digest().length
    const salted = pbkdf2Sync(password, salt, rounds, size, hash)
    const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash(hash).update(clientKey).digest(), said)
    expected = hmac(hmac(salted, 'Server Key'), said)
    const proof = clientKey.map((octet, i) => octet ^ (signature[i] ?? 0))
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
  }

  function answerFinal(challenge: string, signature: Buffer): string | Cancel {
    // `e=`: it says why it refuses, and the reply to AUTH says it again.
    if (challenge.startsWith('e=')) return ''
    const given = /^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(challenge)?.[1]
    const octets = Buffer.from(given ?? '', 'base64')
    proven = octets.length === signature.length && timingSafeEqual(octets, signature)
    return proven ? '' : { cancel: 'auth_unproven' }
  }

  let over = false
  return {
    initial: `${GS2_HEADER}${clientFirst}`,
    respond(challenge) {
      if (over) return UNEXPECTED
      if (!expected) return answerFirst(challenge)
      over = true
      return answerFinal(challenge, expected)
    },
    isProven: () => proven,
  }
}

/** An extension that must be understood (`m=`) comes before the nonce, so that it is refused here. */
function readServerFirst(
  text: string,
): { nonce: string; salt: Buffer; rounds: number } | undefined {
  const parts = /^r=([!-+\--~]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,9})(?:,.*)?$/s.exec(text)
  const [, nonce, salt, rounds] = parts ?? []
  if (nonce === undefined || salt === undefined) return undefined
  return { nonce, salt: Buffer.from(salt, 'base64'), rounds: Number(rounds) }
}
