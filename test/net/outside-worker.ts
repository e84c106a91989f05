/** The Worker as it is deployed, and `POST /outside/…` to what asks other hosts. */

import type { RemoteKey } from '../../src/app/open-signer.ts'
import { ProtectionError } from '../../src/domain/protection-error.ts'
import type { Env } from '../../src/env.ts'
import worker from '../../src/index.ts'
import { httpSigner } from '../../src/net/http-signer.ts'
import { outsideFetch } from '../../src/net/outside-fetch.ts'
import { webKeyDirectory } from '../../src/net/wkd.ts'
import type { OutsideRequest } from '../../src/ports/outside.ts'
import type { SignAlgorithm } from '../../src/ports/signer.ts'

export * from '../../src/index.ts'

export interface LookupCall {
  address: string
  /** Null: DNS over HTTPS is off. */
  resolver: string | null
}

export interface SignCall {
  config: RemoteKey
  algorithm: SignAlgorithm
  as: 'digest' | 'message'
  /** Base64. */
  input: string
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
  '/outside/sign': async ({ config, algorithm, as, input }: SignCall) => {
    const octets = Buffer.from(input, 'base64')
    const { signal } = new AbortController()
    try {
      const given = as === 'digest' ? { digest: octets } : { message: octets }
      const signature = await httpSigner(config, outside).sign(algorithm, given, signal)
      return { signature: Buffer.from(signature).toString('base64') }
    } catch (error) {
      if (!(error instanceof ProtectionError)) throw error
      const { code, message, retryable, cause } = error
      return { code, message, retryable, cause: String(cause) }
    }
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
