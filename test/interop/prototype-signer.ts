/** Keys of openssl and gpg, and what these do with them: they judge what arrives, and sign what nobody took care of. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Assembled } from '../../src/mime/protect/assemble.ts'
import { type DetachedSignature, signedEntity } from '../../src/mime/protect/signed-entity.ts'

const ADDRESS = 'gateway@example.com'

export interface Tool {
  name: string
  protocol: 'smime' | 'pgp-mime'
  /** The sender's key: PEM with its certificate, or an OpenPGP secret key. */
  identity: string
  certificate: string
  sign(payload: Buffer): Assembled
  /** What was signed. @throws where the signature is bad */
  verify(mail: Buffer): Buffer
  decrypt(mail: Buffer): Buffer
}

async function* once(octets: Buffer): AsyncGenerator<Uint8Array, void, void> {
  yield octets
}

export class PrototypeSigner {
  readonly #dir = mkdtempSync(join(tmpdir(), 'postern-sign-'))

  constructor() {
    const subject = ['-subj', '/CN=Gateway', '-addext', `subjectAltName=email:${ADDRESS}`]
    const files = ['-keyout', this.#path('key'), '-out', this.#path('cert')]
    const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '2']
    this.#run('openssl', ['req', '-x509', ...kind, ...subject, ...files])
    this.#gpg(['--passphrase', '', '--quick-gen-key', ADDRESS, 'default', 'default', 'never'])
  }

  close(): void {
    spawnSync('gpgconf', ['--homedir', this.#dir, '--kill', 'all'])
    rmSync(this.#dir, { recursive: true, force: true })
  }

  get tools(): Tool[] {
    return [
      {
        name: 'openssl',
        protocol: 'smime',
        identity: this.#read('key') + this.#read('cert'),
        certificate: this.#read('cert'),
        sign: (payload) => signedEntity(once(payload), this.#cmsSignature(payload), randomBytes),
        verify: (mail) => {
          const [signed = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(mail)
          writeFileSync(this.#path('content'), signed)
          const against = ['-CAfile', this.#path('cert'), '-content', this.#path('content')]
          const der = Buffer.from(contentOf(signature).toString('latin1'), 'base64')
          return this.#cms(['-verify', '-inform', 'DER', ...against], der)
        },
        decrypt: (mail) => this.#cms(['-decrypt', '-inkey', this.#path('key')], mail),
      },
      {
        name: 'gpg',
        protocol: 'pgp-mime',
        identity: this.#gpg(['--armor', '--export-secret-keys']).toString(),
        certificate: this.#gpg(['--armor', '--export']).toString(),
        sign: (payload) => signedEntity(once(payload), this.#pgpSignature(payload), randomBytes),
        verify: (mail) => {
          const [signed = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(mail)
          writeFileSync(this.#path('signature'), contentOf(signature))
          this.#gpg(['--verify', this.#path('signature'), '-'], signed)
          return signed
        },
        decrypt: (mail) => this.#gpg(['--decrypt'], contentOf(partsOf(mail)[1] ?? mail)),
      },
    ]
  }

  #cmsSignature(payload: Buffer): DetachedSignature {
    const key = ['-signer', this.#path('cert'), '-inkey', this.#path('key')]
    const der = this.#cms(['-sign', '-md', 'sha256', '-outform', 'DER', ...key], payload)
    const lines = der.toString('base64').replace(/.{76}(?!$)/g, '$&\r\n')
    return {
      protocol: 'application/pkcs7-signature',
      micalg: 'sha-256',
      part: async () => ({
        headers: [
          ['Content-Type', 'application/pkcs7-signature; name="smime.p7s"'],
          ['Content-Transfer-Encoding', 'base64'],
        ],
        body: Buffer.from(`${lines}\r\n`),
      }),
    }
  }

  #pgpSignature(payload: Buffer): DetachedSignature {
    const armor = this.#gpg(['--armor', '--detach-sign', '--digest-algo', 'SHA512'], payload)
    return {
      protocol: 'application/pgp-signature',
      micalg: 'pgp-sha512',
      part: async () => ({
        headers: [['Content-Type', 'application/pgp-signature; name="signature.asc"']],
        body: crlf(armor),
      }),
    }
  }

  #cms(args: string[], input: Buffer): Buffer {
    return this.#run('openssl', ['cms', ...args, '-binary'], input)
  }

  #read(name: string): string {
    return readFileSync(this.#path(name), 'latin1')
  }

  #gpg(args: string[], input?: Buffer): Buffer {
    return this.#run('gpg', ['--homedir', this.#dir, '--batch', '--quiet', ...args], input)
  }

  #run(command: string, args: string[], input: Buffer = Buffer.alloc(0)): Buffer {
    const options = { input, maxBuffer: 100_000_000 }
    const { status, stdout, stderr } = spawnSync(command, args, options)
    if (status !== 0) throw new Error(`${command} ${args[0]} ${args[1]}: ${stderr}`)
    return stdout
  }

  #path(name: string): string {
    return join(this.#dir, name)
  }
}

/** The parts of a multipart as octets, without the line end before a boundary. */
export function partsOf(mail: Buffer): Buffer[] {
  const text = mail.toString('latin1')
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? ''
  const body = text.slice(text.indexOf('\r\n\r\n') + 2)
  return body
    .split(`\r\n--${boundary}`)
    .slice(1, -1)
    .map((part) => Buffer.from(part.slice(2), 'latin1'))
}

/** What follows the header of an entity. */
export function contentOf(part: Buffer): Buffer {
  return part.subarray(part.indexOf('\r\n\r\n') + 4)
}

function crlf(armor: Buffer): Buffer {
  return Buffer.from(armor.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')
}
