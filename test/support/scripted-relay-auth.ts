/** AUTH PLAIN and LOGIN as a server hears them (RFC 4954, 4616). */

export interface Login {
  mechanism: string
  user: string
  password: string
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

/** Answers who wants in, or the reply that refuses. `challenge` sends a 334 and gives the client's next line. */
export async function readAuth(
  line: string,
  mechanisms: string[],
  challenge: (text: string) => Promise<string>,
): Promise<Login | string> {
  const [, name = '', initial] = line.split(' ')
  const mechanism = name.toUpperCase()
  if (!mechanisms.includes(mechanism)) return '504 5.5.4 Unrecognized authentication type'
  if (mechanism === 'PLAIN') {
    const [, user, password] = decode(initial ?? (await challenge(''))).split('\0')
    if (user === undefined || password === undefined) return '501 5.5.2 Malformed'
    return { mechanism, user, password }
  }
  if (mechanism === 'LOGIN') {
    const user = decode(initial ?? (await challenge(Buffer.from('Username:').toString('base64'))))
    const password = decode(await challenge(Buffer.from('Password:').toString('base64')))
    return { mechanism, user, password }
  }
  return '504 5.5.4 Unrecognized authentication type'
}
