/** `local/serve.ts` with another Worker: after the data directory comes the file of its bundle. */

import { readFile } from 'node:fs/promises'
import { runCommand } from '../../local/command.ts'
import { startGateway } from '../../local/gateway.ts'
import { collectSettings } from '../../local/settings.ts'
import { untilStopped } from '../../local/until-stopped.ts'

async function main(): Promise<number> {
  const [dataDir = '', script = ''] = process.argv.slice(2)
  const gateway = await startGateway({
    port: 0,
    dataDir,
    env: await collectSettings(),
    reach: 'private',
    asBuilt: true,
    script: await readFile(script, 'utf8'),
  })
  const stopping = untilStopped()
  console.log(`Postern listens on ${gateway.url}`)
  await stopping
  await gateway.stop()
  return 0
}

await runCommand('node test/kill/serve.ts DIR SCRIPT', main)
