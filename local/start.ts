/**
 * `npm start`: the gateway with a local mailbox that plays the relay, on loopback ports, everything kept in `.postern/`.
 * With POSTERN_RELAY_URL set it sends for real, with data and a key of its own.
 */

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Gateway, startGateway } from './gateway.ts'
import { LOCAL_KEY, storeKey } from './local-key.ts'
import { type Mailbox, startMailbox } from './mailbox/mailbox.ts'
import { expectFree, PortTakenError } from './ports.ts'
import { keepSecrets } from './secrets.ts'
import { type CollectedSettings, collectSettings, expectValid, SettingsError } from './settings.ts'
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

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new Error(`"${text}" is no port`)
  return port
}

function readArguments(): Choice {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: process.env.POSTERN_PORT || '8787' },
      'mailbox-port': { type: 'string', default: '8788' },
      'relay-ports': { type: 'string', default: '10587,10465,12525' },
      data: { type: 'string', default: '.postern' },
    },
  })
  const [shut, implicit, starttls, ...more] = values['relay-ports'].split(',').map(portOf)
  if (shut === undefined || implicit === undefined || starttls === undefined || more.length > 0) {
    throw new Error('--relay-ports takes three ports')
  }
  return {
    port: portOf(values.port),
    mailboxPort: portOf(values['mailbox-port']),
    relayPorts: [shut, implicit, starttls],
    data: values.data,
  }
}

interface Running {
  gateway: Gateway
  mailbox: Mailbox | null
  key: string
}

async function run(choice: Choice, given: CollectedSettings): Promise<Running> {
  const real = given.POSTERN_RELAY_URL !== undefined
  // Mail for the mailbox must never find itself before a real relay: each has its own data.
  const dir = join(choice.data, real ? 'real' : 'local')
  const secrets = await keepSecrets(dir)
  const settings: CollectedSettings = {
    POSTERN_ADMIN_TOKEN: secrets.admin_token,
    POSTERN_MASTER_KEY: secrets.master_key,
    ...given,
  }
  const { relayReach } = expectValid(settings)
  await expectFree(choice.port, 'the gateway', 'Choose another with --port N.')
  const mailbox = real
    ? null
    : await startMailbox({
        dir,
        credential: { user: 'postern', password: secrets.mailbox_password },
        pagePort: choice.mailboxPort,
        relayPorts: choice.relayPorts,
      })
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
    return { gateway, mailbox, key }
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
  return `
Postern runs on this machine and keeps mail and log in ${data}. Ctrl-C stops it.

  Gateway   http://${at}
${where}

Send the first mail:

  curl ${at}/v1/messages -H 'Authorization: Bearer ${key}' -H 'Prefer: wait=10' -d from=ada@example.com -d to=you@example.net -d subject=Hello -d text='It works.'
`
}

async function main(): Promise<number> {
  let choice: Choice
  try {
    choice = readArguments()
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  const running = await run(choice, await collectSettings())
  const stopping = untilStopped()
  console.log(describe(running, choice))
  await stopping
  await running.gateway.stop()
  await running.mailbox?.stop()
  return 0
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    const expected = error instanceof PortTakenError || error instanceof SettingsError
    console.error(expected ? error.message : error)
    process.exit(error instanceof SettingsError ? 2 : 1)
  },
)
