/** What the examples run against: a real gateway whose relay is the local mailbox. */

import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime, { type Email } from 'postal-mime'
import { keepCertificate } from '../../local/mailbox/certificate.ts'
import { startRelay } from '../../local/mailbox/relay.ts'
import { type ArrivedMail, openStore } from '../../local/mailbox/store.ts'
import { startTestGateway } from '../support/gateway.ts'
import { type Ran, run } from '../support/program.ts'

export interface Arrival {
  envelope: ArrivedMail
  content: Email
}

export interface ExampleGateway {
  /** POSTERN_URL, POSTERN_KEY and POSTERN_FROM, and the PATH. */
  env: Record<string, string>
  /** The next mail in order of arrival that nobody asked for yet. */
  arrival(): Promise<Arrival>
  /** Runs a program of examples/; resolves with its exit code and all it wrote. */
  run(
    command: string,
    args: string[],
    options?: { input?: string; env?: Record<string, string> },
  ): Promise<Ran>
  stop(): Promise<void>
}

/** False, and said aloud, where one of the programs isn't there: `npm test` needs nothing but npm. */
export function hasPrograms(...commands: string[]): boolean {
  const missing = commands.filter((command) => spawnSync(command, ['--version']).error)
  if (missing.length > 0) console.warn(`NOT TESTED: examples that need ${missing.join(' and ')}`)
  return missing.length === 0
}

export async function startExampleGateway(): Promise<ExampleGateway> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-example-'))
  const credential = { user: 'postern', password: 'relay-password' }
  const store = await openStore(join(dir, 'mail'))
  const arrived: ArrivedMail[] = []
  const waiting: ((mail: ArrivedMail) => void)[] = []
  const relay = await startRelay(
    [{ port: 0, tls: 'implicit' }],
    credential,
    await keepCertificate(join(dir, 'tls')),
    {
      ...store,
      add: async (mail, octets) => {
        const envelope = await store.add(mail, octets)
        const next = waiting.shift()
        if (next) next(envelope)
        else arrived.push(envelope)
        return envelope
      },
    },
  )
  const gateway = await startTestGateway({
    caFile: join(dir, 'tls', 'cert.pem'),
    env: {
      POSTERN_RELAY_URL: `smtp://${credential.user}:${credential.password}@localhost?routes=${relay.ports[0]}:implicit`,
    },
  })
  const env = {
    PATH: process.env.PATH ?? '',
    POSTERN_URL: gateway.url,
    POSTERN_KEY: gateway.adminToken,
    POSTERN_FROM: 'ada@example.com',
  }
  return {
    env,
    async arrival() {
      const envelope =
        arrived.shift() ?? (await new Promise<ArrivedMail>((resolve) => waiting.push(resolve)))
      return { envelope, content: await PostalMime.parse(await store.octets(envelope.id)) }
    },
    run: (command, args, options = {}) =>
      run(command, args, { ...options, env: { ...env, ...options.env } }),
    async stop() {
      await gateway.stop()
      await relay.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
