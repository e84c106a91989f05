/** A private key as gpg-agent keeps it: without the way over PKCS#12, which gpgsm 2.2 dies of and 2.4 trips over with EC keys. */

import { createPrivateKey } from 'node:crypto'

/** A canonical S-expression, unprotected. `pem`: an RSA or EC key in PKCS#8. */
export function agentKey(pem: string): Buffer {
  const jwk = createPrivateKey(pem).export({ format: 'jwk' })
  const number = (name: string, value = '') => list(name, unsigned(Buffer.from(value, 'base64url')))
  if (jwk.kty === 'RSA') {
    // Of the two primes its first is the smaller one's role: u is the inverse of p modulo q.
    const { n, e, d, p: q, q: p, qi: u } = jwk
    const numbers = Object.entries({ n, e, d, p, q, u }).map(([name, value]) => number(name, value))
    return list('private-key', list('rsa', ...numbers))
  }
  const [x, y] = [jwk.x, jwk.y].map((value = '') => Buffer.from(value, 'base64url'))
  const point = Buffer.concat([Buffer.of(4), x ?? Buffer.of(), y ?? Buffer.of()])
  const curve = list('curve', atom(`NIST ${jwk.crv}`))
  return list('private-key', list('ecc', curve, list('q', atom(point)), number('d', jwk.d)))
}

function atom(value: string | Buffer): Buffer {
  const octets = Buffer.from(value as string)
  return Buffer.concat([Buffer.from(`${octets.length}:`), octets])
}

const list = (name: string, ...rest: Buffer[]) =>
  Buffer.concat([Buffer.from('('), atom(name), ...rest, Buffer.from(')')])

/** An integer is signed there. */
function unsigned(octets: Buffer): Buffer {
  return atom((octets[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets)
}
