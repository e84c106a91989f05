/** The Worker as it is deployed, and `POST /outside/…` to what asks other hosts. */

import type { Env } from '../../src/env.ts'
import worker from '../../src/index.ts'
import { outsideFetch } from '../../src/net/outside-fetch.ts'
import { webKeyDirectory } from '../../src/net/wkd.ts'
import type { OutsideRequest } from '../../src/ports/outside.ts'

export * from '../../src/index.ts'

export interface LookupCall {
  address: string
  /** Null: DNS over HTTPS is off. */
  resolver: string | null
}

const outside = outsideFetch('public')

const CALLS: Record<string, (body: never) => Promise<unknown>> = {
  '/outside/fetch': async (request: OutsideRequest) => {
    const reply = await outside(request)
    return 'problem' in reply
      ? reply
      : { status: reply.status, body: Buffer.from(reply.body).toString('latin1') }
  },
  '/outside/lookup': async ({ address, resolver }: LookupCall) => {
    const { signal } = new AbortController()
    const outcome = await webKeyDirectory(outside, resolver).lookup(address, signal)
    return 'found' in outcome
      ? { found: outcome.found.map((octets) => Buffer.from(octets).toString('latin1')) }
      : outcome
  },
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const call = CALLS[new URL(request.url).pathname]
    return call
      ? Response.json(await call((await request.json()) as never))
      : worker.fetch(request, env, ctx)
  },
} satisfies ExportedHandler<Env>
