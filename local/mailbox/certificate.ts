/** The mailbox's TLS certificate: made here, kept with the mail, renewed before it ends. Only the local gateway trusts it. */

// @peculiar/x509 needs the polyfill to be there before it.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

/** PEM texts. */
export interface Certificate {
  key: string
  cert: string
}

const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const crypto = webcrypto as unknown as Crypto

/** The certificate kept in `dir`; a new one where there is none, or where it ends within 30 days. */
export async function keepCertificate(dir: string, now = Date.now()): Promise<Certificate> {
  const files = { key: join(dir, 'key.pem'), cert: join(dir, 'cert.pem') }
  try {
    const kept = {
      key: await readFile(files.key, 'utf8'),
      cert: await readFile(files.cert, 'utf8'),
    }
    const { notBefore, notAfter } = new x509.X509Certificate(kept.cert)
    if (notBefore.getTime() <= now && notAfter.getTime() - now > 30 * DAY_MS) return kept
  } catch {
    // Missing or unreadable: made anew below.
  }
  const made = await makeCertificate(now)
  await mkdir(dir, { recursive: true })
  await writeFile(files.key, made.key, { mode: 0o600 })
  await writeFile(files.cert, made.cert)
  return made
}

async function makeCertificate(now: number): Promise<Certificate> {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const cert = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      name: 'CN=localhost, O=Postern local mailbox',
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now + 396 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
      ],
    },
    crypto,
  )
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer
  return { key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'), cert: cert.toString('pem') }
}
