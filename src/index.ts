/** The Worker's entry: HTTP, cron, and the Durable Objects. */

import spec from '../openapi.yaml'
import { syncDefaultRelay } from './app/default-relay.ts'
import { sweepAll } from './app/sweep-shards.ts'
import { composeWorker, type WorkerGraph } from './compose.ts'
import type { Env } from './env.ts'
import { createApp } from './http/app.ts'
import reference from './http/reference.generated.html'

export { Outbox } from './objects/outbox.ts'
export { RelayGate } from './objects/relay-gate.ts'

let graph: WorkerGraph | undefined
let defaultRelaySynced = false

/** Built once per isolate: its bindings and settings never change while it lives. */
function graphOf(env: Env): WorkerGraph {
  graph ??= composeWorker(env)
  return graph
}

/** The relay of `POSTERN_RELAY_URL` is brought in line before the isolate's first request needs it. */
async function syncOnce(env: Env): Promise<void> {
  const { deps, secrets } = graphOf(env)
  if (defaultRelaySynced || !deps) return
  await syncDefaultRelay(deps, secrets.relayUrl)
  defaultRelaySynced = true
}

const app = createApp({
  configure: graphOf,
  prepare: syncOnce,
  texts: { spec, reference },
})

export default {
  fetch: app.fetch,

  async scheduled(_controller, env) {
    const { deps, secrets, problems } = graphOf(env)
    if (!deps) throw new Error(`settings: ${problems.map(({ setting }) => setting).join(', ')}`)
    await syncDefaultRelay(deps, secrets.relayUrl)
    await sweepAll(deps)
  },
} satisfies ExportedHandler<Env>
