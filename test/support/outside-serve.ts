/** `local/serve.ts` in a world of `outside.ts`: after the data directory come its hosts as JSON, and the folder of another Worker's modules. */

import { readModules } from '../../local/bundle.ts'
import { runCommand } from '../../local/command.ts'
import { startGateway } from '../../local/gateway.ts'
import { collectSettings, expectValid } from '../../local/settings.ts'
import { untilStopped } from '../../local/until-stopped.ts'

async function main(): Promise<number> {
  const [dataDir = '', hosts = '{}', folder] = process.argv.slice(2)
  const settings = await collectSettings()
  const gateway = await startGateway({
    port: 0,
    dataDir,
    env: settings,
    reach: expectValid(settings).relayReach,
    asBuilt: true,
    connectTo: JSON.parse(hosts) as Record<string, string>,
    ...(folder !== undefined && { modules: await readModules(folder) }),
  })
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

await runCommand('node test/support/outside-serve.ts DIR HOSTS [FOLDER]', main)
