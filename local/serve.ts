/**
 * `npm run serve -- --port N --data DIR`: the gateway alone, on this machine. Settings come from the environment or
 * `.dev.vars`. Exit code 0 after SIGINT or SIGTERM, 1 where it couldn't start, 2 for wrong arguments or settings.
 */

import { join } from 'node:path'
import { readDirectory, readFlags, readPort, runCommand } from './command.ts'
import { startGateway } from './gateway.ts'
import { hasManager } from './managers.ts'
import { expectFree } from './ports.ts'
import { collectSettings, expectValid } from './settings.ts'
import { untilStopped } from './until-stopped.ts'

const USAGE = `npm run serve -- [--port N] [--host ADDRESS] [--data DIR] [--as-built]
  --port N        default 8787; 0 takes a free one
  --host ADDRESS  default 127.0.0.1; put TLS in front before you choose another
  --data DIR      where mail, keys and log are kept; default .postern/serve
  --as-built      serve dist/ as it stands, without a look at the sources`

const NOBODY_MANAGES =
  'Nobody can manage this gateway: POSTERN_ADMIN_TOKEN is missing, and there is no key with the scope manage. ' +
  'Set the token (openssl rand -hex 32) in the environment or .dev.vars, and start again.'

function readArguments() {
  const flags = readFlags({
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: join('.postern', 'serve') },
    'as-built': { type: 'boolean', default: false },
  })
  return {
    port: readPort(flags.port, 0),
    host: flags.host,
    data: readDirectory('data', flags.data),
    asBuilt: flags['as-built'],
  }
}

async function main(): Promise<number> {
  const chosen = readArguments()
  const settings = await collectSettings()
  const { relayReach } = expectValid(settings)
  const remedy = 'Choose another: npm run serve -- --port N'
  await expectFree(chosen.port, 'the gateway', remedy, chosen.host)
  const gateway = await startGateway({
    port: chosen.port,
    host: chosen.host,
    dataDir: chosen.data,
    env: settings,
    reach: relayReach,
    asBuilt: chosen.asBuilt,
  })
  if (relayReach === 'private')
    console.log('ALLOW_PRIVATE_RELAYS is set: relays in private networks can be reached.')
  if (!settings.POSTERN_ADMIN_TOKEN && !(await hasManager(await gateway.database()))) {
    console.error(NOBODY_MANAGES)
  }
  // A program that started this one may ask for a sweep, and takes it along when it ends.
  process.on('message', (message) => {
    if (message !== 'sweep') return
    gateway.sweep().then(
      () => process.send?.('swept'),
      (error: Error) => process.send?.(`sweep failed: ${error.message}`),
    )
  })
  const stopping = untilStopped()
  console.log(`Postern listens on ${gateway.url}`)
  await stopping
  await gateway.stop()
  return 0
}

await runCommand(USAGE, main)
