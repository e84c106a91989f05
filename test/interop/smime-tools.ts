/** S/MIME implementations that nobody here wrote, each a command: OpenSSL, NSS (Thunderbird's) and GnuPG. */

import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agentKey } from './agent-key.ts'
import { newer } from './newer-packages.ts'

export interface SmimeTool {
  readonly name: string
  /** The content of a CMS object in DER, with certificate and key in PEM. @throws where it can't open it */
  decrypt(identity: string, message: Buffer): Buffer
  /** @throws where the detached signature in DER is not good under this root in PEM */
  verify(root: string, signature: Buffer, content: Buffer): void
}

const PASSWORD = 'open sesame'
const LIMITS = { maxBuffer: 100_000_000, timeout: 20_000 }

export class SmimeTools {
  readonly #dir = mkdtempSync(join(tmpdir(), 'postern-smime-'))
  readonly #agents: string[] = []
  readonly #homes = new Map<string, string>()
  readonly all: SmimeTool[] = [
    this.#openssl('OpenSSL 3.0', 'openssl'),
    this.#openssl('OpenSSL 3.5', newer('openssl')),
    this.#nss('NSS 3.87', (name) => name),
    this.#nss('NSS 3.110', newer),
    this.#gpgsm('gpgsm 2.2', 'gpgsm', []),
    this.#gpgsm('gpgsm 2.4', newer('gpgsm'), ['--agent-program', newer('gpg-agent')]),
  ]

  /** By asn1crypto and cryptography, which know structures and primitives: no tool here reads RFC 8418. */
  openX25519(identity: string, message: Buffer): Buffer {
    const script = join(import.meta.dirname, 'open-x25519.py')
    return run('/usr/bin/python3', [script, this.#file(identity)], message)
  }

  close(): void {
    for (const home of this.#agents)
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], { stdio: 'ignore' })
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #openssl(name: string, command: string): SmimeTool {
    const cms = (args: string[]) => run(command, ['cms', ...args, '-inform', 'DER', '-binary'])
    return {
      name,
      decrypt: (identity, message) => {
        const own = this.#file(identity)
        return cms(['-decrypt', '-in', this.#file(message), '-recip', own, '-inkey', own])
      },
      verify: (root, signature, content) => {
        const what = ['-in', this.#file(signature), '-content', this.#file(content)]
        cms(['-verify', '-CAfile', this.#file(root), ...what])
      },
    }
  }

  /** Its tools answer 0 to some failures: what they say counts. */
  #nss(name: string, tool: (name: string) => string): SmimeTool {
    const base = (of: string, fill: (dir: string) => void) =>
      this.#home(`${name}${of}`, (home) => {
        run(tool('certutil'), ['-N', '-d', `sql:${home}`, '--empty-password'])
        fill(home)
      })
    return {
      name,
      decrypt: (identity, message) => {
        const home = base(identity, (dir) => {
          const file = ['-i', this.#pkcs12(identity), '-W', PASSWORD]
          run(tool('pk12util'), [...file, '-d', `sql:${dir}`, '-K', ''])
        })
        const out = this.#file('')
        const where = ['-d', `sql:${home}`, '-i', this.#file(message), '-o', out]
        run(tool('cmsutil'), ['-D', ...where])
        return readFileSync(out)
      },
      verify: (root, signature, content) => {
        const home = base(root, (dir) => {
          const trusted = ['-n', 'root', '-t', 'C,C,C', '-i', this.#file(root)]
          run(tool('certutil'), ['-A', '-a', '-d', `sql:${dir}`, ...trusted])
        })
        const what = ['-i', this.#file(signature), '-c', this.#file(content)]
        const said = run(tool('cmsutil'), ['-D', '-h', '0', '-d', `sql:${home}`, ...what])
        if (!said.includes('signer0.status=GoodSignature')) throw new Error(`cmsutil: ${said}`)
      },
    }
  }

  /** What it says of the message counts: it complains of other recipients, too. */
  #gpgsm(name: string, command: string, options: string[]): SmimeTool {
    const gpgsm = (home: string, args: string[], good = '') => {
      const quiet = ['--batch', '--disable-dirmngr', '--disable-crl-checks', '--status-fd', '2']
      const known = ['--homedir', home, ...quiet, ...options]
      const { stdout, stderr } = spawnSync(command, [...known, ...args], LIMITS)
      const said = stderr.toString('latin1')
      if (good && !said.includes(`[GNUPG:] ${good}`)) throw new Error(`${name}: ${said}`)
      return stdout
    }
    const home = (of: string, fill: (dir: string) => void) =>
      this.#home(`${name}${of}`, (dir) => {
        this.#agents.push(dir)
        fill(dir)
      })
    return {
      name,
      decrypt: (identity, message) => {
        const dir = home(identity, (made) => {
          gpgsm(made, ['--import', this.#file(identity)], 'IMPORT_OK')
          const listed = gpgsm(made, ['--list-keys', '--with-colons', '--with-keygrip'])
          const [, keygrip] = /^grp:+([0-9A-F]+):/m.exec(listed.toString()) ?? []
          const keys = join(made, 'private-keys-v1.d')
          mkdirSync(keys, { recursive: true, mode: 0o700 })
          writeFileSync(join(keys, `${keygrip}.key`), agentKey(identity))
        })
        const what = ['--decrypt', '--assume-binary', this.#file(message)]
        return gpgsm(dir, what, 'DECRYPTION_OKAY')
      },
      verify: (root, signature, content) => {
        const dir = home(root, (made) => {
          const der = run('openssl', ['x509', '-outform', 'DER'], Buffer.from(root))
          const print = createHash('sha1').update(der).digest('hex').toUpperCase()
          writeFileSync(join(made, 'trustlist.txt'), `${print} S relax\n`)
          gpgsm(made, ['--import', this.#file(root)], 'IMPORT_OK')
        })
        gpgsm(dir, ['--verify', this.#file(signature), this.#file(content)], 'GOODSIG ')
      },
    }
  }

  /** A directory, filled when it is first asked for. */
  #home(of: string, fill: (home: string) => void): string {
    const known = this.#homes.get(of)
    if (known) return known
    const home = join(this.#dir, randomBytes(4).toString('hex'))
    mkdirSync(home, { mode: 0o700 })
    fill(home)
    this.#homes.set(of, home)
    return home
  }

  /** What NSS imports. */
  #pkcs12(identity: string): string {
    const how = ['-export', '-passout', `pass:${PASSWORD}`]
    return this.#file(run('openssl', ['pkcs12', ...how, '-in', this.#file(identity)]))
  }

  #file(content: string | Buffer): string {
    const path = join(this.#dir, randomBytes(8).toString('hex'))
    writeFileSync(path, content)
    return path
  }
}

function run(command: string, args: string[], input: Buffer = Buffer.alloc(0)): Buffer {
  const { status, stdout, stderr } = spawnSync(command, args, { input, ...LIMITS })
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr}${stdout}`)
  return stdout
}
