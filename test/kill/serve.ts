/** `local/serve.ts` with another Worker: after the data directory comes the folder of its modules. */

import { readModules } from '../../local/bundle.ts'
import { runCommand } from '../../local/command.ts'
import { startGateway } from '../../local/gateway.ts'
import { collectSettings } from '../../local/settings.ts'
import { untilStopped } from '../../local/until-stopped.ts'

async function main(): Promise<number> {
  const [dataDir = '', folder = ''] = process.argv.slice(2)
  const gateway = await startGateway({
    port: 0,
    dataDir,
    env: await collectSettings(),
    reach: 'private',
    asBuilt: true,
    modules: await readModules(folder),
  })
  const stopping = untilStopped()
  console.log(`Postern listens on ${gateway.url}`)
  await stopping
  await gateway.stop()
  return 0
}

await runCommand('node test/kill/serve.ts DIR FOLDER', main)
