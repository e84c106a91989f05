/** `local/serve.ts` with V8's inspector; its data directory and the inspector's port are the arguments. */

import { runCommand } from '../../local/command.ts'
import { startGateway } from '../../local/gateway.ts'
import { collectSettings } from '../../local/settings.ts'
import { untilStopped } from '../../local/until-stopped.ts'

async function main(): Promise<number> {
  const [dataDir = '', inspectorPort] = process.argv.slice(2)
  const gateway = await startGateway({
    port: 0,
    dataDir,
    env: await collectSettings(),
    reach: 'private',
    asBuilt: true,
    inspectorPort: Number(inspectorPort),
  })
  const stopping = untilStopped()
  console.log(`Postern listens on ${gateway.url}`)
  await stopping
  await gateway.stop()
  return 0
}

await runCommand('node test/support/inspected-serve.ts DIR PORT', main)
