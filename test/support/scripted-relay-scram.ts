/** The server's half of SCRAM-SHA-256 (RFC 5802, 7677), written apart from the client's. */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { type Exchange, MALFORMED, REFUSED } from './scripted-relay-auth.ts'

const ROUNDS = 4096

export const readScram: Exchange = async (initial, challenge, accounts) => {
  const first = /^n,,(n=([^,]+),r=([!-+\--~]{18,}))$/.exec(initial ?? (await challenge('')))
  const [, bare, name = '', clientNonce] = first ?? []
  if (bare === undefined) return MALFORMED
  const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=')
  const salt = randomBytes(16)
  const nonce = `${clientNonce}${randomBytes(12).toString('hex')}`
  const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${ROUNDS}`
  const final = /^(c=biws,r=([^,]+)),p=([^,]+)$/.exec(await challenge(serverFirst))
  const [, withoutProof, repeated, proof = ''] = final ?? []
  if (repeated !== nonce) return MALFORMED

  const salted = pbkdf2Sync(accounts[user] ?? '', salt, ROUNDS, 32, 'sha256')
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const hash = (octets: Buffer) => createHash('sha256').update(octets).digest()
  const said = [bare, serverFirst, withoutProof].join()
  const storedKey = hash(hmac(salted, 'Client Key'))
  const mask = hmac(storedKey, said)
  const clientKey = [...Buffer.from(proof, 'base64')].map((octet, i) => octet ^ (mask[i] ?? 0))
  if (accounts[user] === undefined || !hash(Buffer.from(clientKey)).equals(storedKey))
    return REFUSED
  const signature = hmac(hmac(salted, 'Server Key'), said).toString('base64')
  return (await challenge(`v=${signature}`)) === '' ? { user } : MALFORMED
}
