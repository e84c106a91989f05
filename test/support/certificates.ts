/** A certificate authority for tests, made at start: `NODE_EXTRA_CA_CERTS` points workerd at it. */

// @peculiar/x509 needs the polyfill to be there before it.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

/** PEM texts, ready for `tls.createSecureContext`. */
export interface ServerCertificate {
  key: string
  cert: string
}

export interface TestCertificates {
  /** Path of the CA's certificate (PEM). */
  caFile: string
  ca: string
  /** Good for `localhost` and 127.0.0.1. */
  good: ServerCertificate
  /** From the same CA, for `elsewhere.example`. */
  wrongName: ServerCertificate
  /** From the same CA, for `localhost`, ended yesterday. */
  expired: ServerCertificate
  /** For `localhost`, signed by itself. */
  selfSigned: ServerCertificate
  /** From the same CA, for these names. */
  issue(names: string[]): Promise<ServerCertificate>
}

const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const crypto = webcrypto as unknown as Crypto

async function newKeys(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair
}

function newSerial(): string {
  return `01${randomBytes(15).toString('hex')}`
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', key)) as ArrayBuffer
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')
}

interface Issue {
  names: string[]
  /** Days from now. */
  from?: number
  until?: number
  issuer?: { name: string; keys: CryptoKeyPair }
}

async function issue({ names, from = -1, until = 30, issuer }: Issue): Promise<ServerCertificate> {
  const keys = await newKeys()
  const subject = `CN=${names[0]}`
  const cert = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject,
      issuer: issuer?.name ?? subject,
      notBefore: new Date(Date.now() + from * DAY_MS),
      notAfter: new Date(Date.now() + until * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({
            type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
            value,
          })),
        ),
      ],
    },
    crypto,
  )
  return { key: await privateKeyPem(keys.privateKey), cert: cert.toString('pem') }
}

/** Makes a CA and four server certificates; the CA's certificate is written to a new temporary directory. */
export async function makeCertificates(): Promise<TestCertificates> {
  const keys = await newKeys()
  const name = 'CN=Postern test authority'
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 30 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
      ],
    },
    crypto,
  )
  const issuer = { name, keys }
  const caFile = join(await mkdtemp(join(tmpdir(), 'postern-ca-')), 'ca.pem')
  await writeFile(caFile, ca.toString('pem'))
  const [good, wrongName, expired, selfSigned] = await Promise.all([
    issue({ names: ['localhost', '127.0.0.1'], issuer }),
    issue({ names: ['elsewhere.example'], issuer }),
    issue({ names: ['localhost'], from: -30, until: -1, issuer }),
    issue({ names: ['localhost'] }),
  ])
  return {
    caFile,
    ca: ca.toString('pem'),
    good,
    wrongName,
    expired,
    selfSigned,
    issue: (names) => issue({ names, issuer }),
  }
}
