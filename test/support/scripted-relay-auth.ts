/** AUTH as a strict server hears it (RFC 4954): PLAIN, LOGIN, SCRAM-SHA-256, OAUTHBEARER and XOAUTH2. */

import { readScram } from './scripted-relay-scram.ts'

export interface Login {
  mechanism: string
  user: string
}

/** Sends a 334 and gives the client's next line, both decoded. */
export type Challenge = (text: string) => Promise<string>

/** The exchange of one mechanism: who was let in, or the reply that refuses. */
export type Exchange = (
  initial: string | undefined,
  challenge: Challenge,
  accounts: Record<string, string>,
) => Promise<string | { user: string }>

export const REFUSED = '535 5.7.8 Authentication failed'
export const MALFORMED = '501 5.5.2 Malformed'

const readPlain: Exchange = async (initial, challenge, accounts) => {
  const [, user, password] = (initial ?? (await challenge(''))).split('\0')
  if (user === undefined || password === undefined) return MALFORMED
  return accounts[user] === password ? { user } : REFUSED
}

const readLogin: Exchange = async (initial, challenge, accounts) => {
  const user = initial ?? (await challenge('Username:'))
  return accounts[user] === (await challenge('Password:')) ? { user } : REFUSED
}

/** RFC 7628; the password of the account is the token. */
const readBearer: Exchange = async (initial, challenge, accounts) => {
  const said = initial ?? (await challenge(''))
  const form = /^n,a=([^,]*),\x01host=localhost\x01port=\d+\x01auth=Bearer ([!-~]+)\x01\x01$/
  const [, user = '', token] = form.exec(said) ?? []
  if (token === undefined) return MALFORMED
  return await admit(user, token, '\x01', challenge, accounts)
}

const readXoauth2: Exchange = async (initial, challenge, accounts) => {
  const said = initial ?? (await challenge(''))
  const [, user = '', token] = /^user=([^\x01]+)\x01auth=Bearer ([!-~]+)\x01\x01$/.exec(said) ?? []
  if (token === undefined) return MALFORMED
  return await admit(user, token, '', challenge, accounts)
}

async function admit(
  user: string,
  token: string,
  acknowledgement: string,
  challenge: Challenge,
  accounts: Record<string, string>,
): Promise<string | { user: string }> {
  if (accounts[user] === token) return { user }
  const heard = await challenge('{"status":"invalid_token"}')
  return heard === acknowledgement ? REFUSED : MALFORMED
}

const EXCHANGES: Record<string, Exchange> = {
  PLAIN: readPlain,
  LOGIN: readLogin,
  'SCRAM-SHA-256': readScram,
  OAUTHBEARER: readBearer,
  XOAUTH2: readXoauth2,
}

/** Answers who wants in, or the reply that refuses. `challenge` sends a 334 and gives the client's next line. */
export async function readAuth(
  line: string,
  mechanisms: string[],
  accounts: Record<string, string>,
  challenge: (base64: string) => Promise<string>,
): Promise<Login | string> {
  const [, name = '', initial] = line.split(' ')
  const mechanism = name.toUpperCase()
  const exchange = EXCHANGES[mechanism]
  if (!exchange || !mechanisms.includes(mechanism))
    return '504 5.5.4 Unrecognized authentication type'
  if (line.length > 510) return '500 5.5.6 line too long'
  try {
    const ask: Challenge = async (text) => decode(await challenge(encode(text)))
    const said = await exchange(initial && decode(initial), ask, accounts)
    return typeof said === 'string' ? said : { mechanism, user: said.user }
  } catch (error) {
    if (error instanceof Canceled) return '501 5.7.0 Authentication aborted'
    throw error
  }
}

class Canceled extends Error {}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

function decode(base64: string): string {
  if (base64 === '*') throw new Canceled()
  return base64 === '=' ? '' : Buffer.from(base64, 'base64').toString('utf8')
}
