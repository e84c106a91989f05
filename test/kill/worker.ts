/** The Worker as it is deployed, but for an Outbox that stops where `POST /failpoint` says. Local workerd has all in one isolate. */

import { OUTBOX_PORTS } from '../../src/compose.ts'
import type { Env } from '../../src/env.ts'
import worker from '../../src/index.ts'
import { Outbox as DeployedOutbox } from '../../src/objects/outbox.ts'
import type { AcceptAnswer, AcceptedMessage, Claim } from '../../src/ports/outbox.ts'
import { failingPorts } from './failing-ports.ts'
import { type ArmedStage, arm, type Failpoint, failpoint } from './failpoint.ts'

export { RelayGate } from '../../src/objects/relay-gate.ts'

export class Outbox extends DeployedOutbox {
  readonly #failpoint: Failpoint

  constructor(ctx: DurableObjectState, env: Env) {
    const here = failpoint(() => ctx.storage.sync())
    super(ctx, env, failingPorts(OUTBOX_PORTS, here))
    this.#failpoint = here
  }

  override async accept(message: AcceptedMessage, claim: Claim | null): Promise<AcceptAnswer> {
    const answer = await super.accept(message, claim)
    await this.#failpoint.reached('after accept')
    return answer
  }
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/failpoint') return worker.fetch(request, env, ctx)
    arm(await request.json<ArmedStage>())
    return new Response()
  },
} satisfies ExportedHandler<Env>
