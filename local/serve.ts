/**
 * `npm run serve -- --port N --data DIR`: the gateway alone, on this machine. Settings come from the environment or
 * `.dev.vars`. Exit code 0 after SIGINT or SIGTERM, 1 where it couldn't start, 2 for wrong arguments or settings.
 */

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startGateway } from './gateway.ts'
import { expectFree, PortTakenError } from './ports.ts'
import { collectSettings, expectValid, SettingsError } from './settings.ts'
import { untilStopped } from './until-stopped.ts'

const USAGE = `npm run serve -- [--port N] [--host ADDRESS] [--data DIR] [--as-built]
  --port N        default 8787; 0 takes a free one
  --host ADDRESS  default 127.0.0.1; put TLS in front before you choose another
  --data DIR      where mail, keys and log are kept; default .postern/serve
  --as-built      serve dist/ as it stands, without a look at the sources`

function readArguments() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8787' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string', default: join('.postern', 'serve') },
      'as-built': { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65535) throw new Error(`"${values.port}" is no port`)
  return { port, host: values.host, data: values.data, asBuilt: values['as-built'] }
}

async function main(): Promise<number> {
  let chosen: ReturnType<typeof readArguments>
  try {
    chosen = readArguments()
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  const settings = await collectSettings()
  const { relayReach } = expectValid(settings)
  await expectFree(chosen.port, 'the gateway', 'Choose another with --port N.', chosen.host)
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

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    const expected = error instanceof PortTakenError || error instanceof SettingsError
    console.error(expected ? error.message : error)
    process.exit(error instanceof SettingsError ? 2 : 1)
  },
)
