/** OpenPGP implementations that nobody here wrote, each a command. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newer } from './newer-packages.ts'

export interface OpenPgpTool {
  readonly name: string
  /** The plaintext. @throws where it can't open it */
  decrypt(secretKey: string, message: string): Buffer
  /** @throws where the signature is not good */
  verify(certificate: string, signature: string, content: Buffer): void
}

export class OpenPgpTools {
  readonly #dir = mkdtempSync(join(tmpdir(), 'postern-pgp-'))
  readonly #homes: string[] = []
  readonly all: OpenPgpTool[] = [
    this.#gnupg('gpg 2.2', 'gpg', []),
    this.#gnupg('gpg 2.4', newer('gpg'), ['--agent-program', newer('gpg-agent')]),
    this.#stateless('Sequoia 1', 'sqop'),
    this.#stateless('Sequoia 2', newer('sqop')),
    this.#stateless('GopenPGP', newer('gosop')),
    this.#stateless('rPGP', newer('rsop')),
  ]

  close(): void {
    for (const home of this.#homes)
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], { stdio: 'ignore' })
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** The Stateless OpenPGP interface. */
  #stateless(name: string, command: string): OpenPgpTool {
    return {
      name,
      decrypt: (secretKey, message) =>
        run(command, ['decrypt', this.#file(secretKey)], Buffer.from(message)),
      verify: (certificate, signature, content) => {
        run(command, ['verify', this.#file(signature), this.#file(certificate)], content)
      },
    }
  }

  /** What it says of the message counts: it ends with 2 where the first of two hidden key ids was not the reader's. */
  #gnupg(name: string, command: string, options: string[]): OpenPgpTool {
    const gpg = (keys: string, good: string, args: string[], input: Buffer) => {
      const home = this.#home(`${name}${keys}`)
      const known = ['--homedir', home, '--batch', '--quiet', '--trust-model', 'always', ...options]
      run(command, [...known, '--import'], Buffer.from(keys))
      const status = this.#file('')
      const how = { input, maxBuffer: 100_000_000 }
      const { stdout, stderr } = spawnSync(
        command,
        [...known, '--status-file', status, ...args],
        how,
      )
      const said = readFileSync(status, 'latin1')
      if (!said.includes(`[GNUPG:] ${good}`)) throw new Error(`${name}: ${stderr}${said}`)
      return stdout
    }
    return {
      name,
      decrypt: (secretKey, message) =>
        gpg(secretKey, 'DECRYPTION_OKAY', ['--decrypt'], Buffer.from(message)),
      verify: (certificate, signature, content) => {
        gpg(certificate, 'GOODSIG ', ['--verify', this.#file(signature), '-'], content)
      },
    }
  }

  readonly #homeOf = new Map<string, string>()

  #home(of: string): string {
    const known = this.#homeOf.get(of)
    if (known) return known
    const home = join(this.#dir, randomBytes(4).toString('hex'))
    mkdirSync(home, { mode: 0o700 })
    this.#homeOf.set(of, home)
    this.#homes.push(home)
    return home
  }

  #file(content: string): string {
    const path = join(this.#dir, randomBytes(8).toString('hex'))
    writeFileSync(path, content)
    return path
  }
}

function run(command: string, args: string[], input: Buffer = Buffer.alloc(0)): Buffer {
  const { status, stdout, stderr } = spawnSync(command, args, { input, maxBuffer: 100_000_000 })
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr}`)
  return stdout
}
