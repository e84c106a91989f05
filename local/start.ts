/**
 * `npm start`: the gateway with a local mailbox that plays the relay, on loopback ports, everything kept in `.postern/`.
 * With POSTERN_RELAY_URL set it sends for real, with data and a key of its own.
 */

import { join } from 'node:path'
import { LOCAL_KEY } from '../src/domain/api-key.ts'
import { readDirectory, readFlags, readPort, runCommand, UsageError } from './command.ts'
import { takeDirectory } from './data-directory.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { storeKey } from './local-key.ts'
import type { Lock } from './lock.ts'
import { type Mailbox, startMailbox } from './mailbox/mailbox.ts'
import { expectFree } from './ports.ts'
import { keepSecrets } from './secrets.ts'
import { type CollectedSettings, collectSettings, expectValid } from './settings.ts'
import { untilStopped } from './until-stopped.ts'

const USAGE = `npm start -- [--port N] [--mailbox-port N] [--relay-ports SHUT,IMPLICIT,STARTTLS] [--data DIR]
  --port N          the gateway, default 8787 (or POSTERN_PORT)
  --mailbox-port N  the mailbox's page, default 8788
  --relay-ports …   the mailbox's relay, default 10587,10465,12525
  --data DIR        default .postern`

interface Choice {
  port: number
  mailboxPort: number
  relayPorts: [number, number, number]
  data: string
}

function readArguments(): Choice {
  const flags = readFlags({
    port: { type: 'string', default: process.env.POSTERN_PORT || '8787' },
    'mailbox-port': { type: 'string', default: '8788' },
    'relay-ports': { type: 'string', default: '10587,10465,12525' },
    data: { type: 'string', default: '.postern' },
  })
  const [shut, implicit, starttls, ...more] = flags['relay-ports']
    .split(',')
    .map((text) => readPort(text))
  if (shut === undefined || implicit === undefined || starttls === undefined || more.length > 0) {
    throw new UsageError('--relay-ports takes three ports.')
  }
  return {
    port: readPort(flags.port),
    mailboxPort: readPort(flags['mailbox-port']),
    relayPorts: [shut, implicit, starttls],
    data: readDirectory('data', flags.data),
  }
}

/** One port can't be two things; a second name for it would only fail later, and less clearly. */
function expectDistinct({ port, mailboxPort, relayPorts }: Choice): void {
  const all = [port, mailboxPort, ...relayPorts]
  const twice = all.find((each, i) => all.indexOf(each) !== i)
  if (twice === undefined) return
  throw new UsageError(
    `Port ${twice} is given twice: gateway, mailbox and the three of the relay need one each.`,
  )
}

interface Running {
  gateway: Gateway
  mailbox: Mailbox | null
  key: string
  /** Held while it runs. */
  directory: Lock
}

async function run(choice: Choice, given: CollectedSettings): Promise<Running> {
  const real = given.POSTERN_RELAY_URL !== undefined
  // Mail for the mailbox must never find itself before a real relay: each has its own data.
  const dir = join(choice.data, real ? 'real' : 'local')
  const directory = await takeDirectory(dir)
  const secrets = await keepSecrets(dir)
  const settings: CollectedSettings = {
    POSTERN_ADMIN_TOKEN: secrets.admin_token,
    POSTERN_MASTER_KEY: secrets.master_key,
    ...given,
  }
  const { relayReach } = expectValid(settings)
  if (!real) expectDistinct(choice)
  await expectFree(choice.port, 'the gateway', 'Choose another: npm start -- --port N')
  const mailbox = real
    ? null
    : await startMailbox({
        dir,
        credential: { user: 'postern', password: secrets.mailbox_password },
        pagePort: choice.mailboxPort,
        relayPorts: choice.relayPorts,
      })
  console.log('Building and starting the gateway …')
  try {
    const gateway = await startGateway({
      port: choice.port,
      dataDir: join(dir, 'gateway'),
      hosts: ['localhost', '127.0.0.1'],
      // Everybody knows the key that goes with the mailbox: with it nothing may leave this machine.
      reach: mailbox ? 'loopback' : relayReach,
      trustedRoots: mailbox ? [mailbox.certificate] : [],
      env: {
        ...settings,
        ...(mailbox && { POSTERN_RELAY_URL: mailbox.relayUrl, ALLOW_PRIVATE_RELAYS: 'loopback' }),
      },
    })
    const key = mailbox ? LOCAL_KEY : secrets.api_key
    await storeKey(await gateway.database(), key)
    // Cron would bring the relay of the settings in line within a minute; the front page tells of it at once.
    await gateway.sweep()
    return { gateway, mailbox, key, directory }
  } catch (error) {
    await mailbox?.stop()
    throw error
  }
}

function describe({ gateway, mailbox, key }: Running, { data, relayPorts }: Choice): string {
  const at = `localhost:${gateway.port}`
  const [shut, implicit, starttls] = relayPorts
  const where = mailbox
    ? `  Mailbox   ${mailbox.pageUrl}
            plays the relay: port ${shut} is shut, ${implicit} speaks implicit TLS, ${starttls} STARTTLS`
    : `  Relay     the one in POSTERN_RELAY_URL

MAIL NOW LEAVES THIS MACHINE: WHAT YOU SEND GOES TO REAL RECIPIENTS.`
  const curl = `curl ${at}/v1/messages -H 'Authorization: Bearer ${key}' -H 'Prefer: wait=10' -d from=ada@example.com -d to=you@example.net -d subject=Hello -d text='It works.'`
  return `
Postern runs on this machine and keeps mail and log in ${data}. Ctrl-C stops it.

  Gateway   http://${at}
${where}

Send the first mail:

  ${process.platform === 'win32' ? curl.replaceAll("'", '"') : curl}
`
}

async function main(): Promise<number> {
  const choice = readArguments()
  const running = await run(choice, await collectSettings())
  const stopping = untilStopped()
  console.log(describe(running, choice))
  await stopping
  await running.gateway.stop()
  await running.mailbox?.stop()
  running.directory.release()
  return 0
}

await runCommand(USAGE, main)
