/** The Worker as it is deployed, `POST /receive` to what receives calls, and `/header` that says one back. */

import { type ReceivedCall, receiveCall } from '../../src/app/receive-call.ts'
import type { SourceConfig } from '../../src/domain/source/source.ts'
import type { Env } from '../../src/env.ts'
import worker from '../../src/index.ts'
import { outsideFetch } from '../../src/net/outside-fetch.ts'
import { createSnsCertificates } from '../../src/net/sns-certificates.ts'

export * from '../../src/index.ts'

export interface PlayedCall {
  method?: string
  url?: string
  headers?: Record<string, string>
  body?: string
  source: SourceConfig
  secrets?: string[]
  /** Milliseconds since the epoch. */
  now: number
}

const outside = outsideFetch('public')
const ports = { outside, snsCertificates: createSnsCertificates(outside) }

async function receive(call: PlayedCall): Promise<ReceivedCall> {
  const request = {
    method: call.method ?? 'POST',
    url: call.url ?? 'https://hooks.example.com/t/alerts',
    headers: new Headers(call.headers),
    body: new TextEncoder().encode(call.body ?? ''),
  }
  return receiveCall(request, call.source, call.secrets ?? [], call.now, ports)
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case '/receive':
        return Response.json(await receive((await request.json()) as PlayedCall))
      case '/header':
        return new Response(request.headers.get('x-hub-signature-256'))
      default:
        return worker.fetch(request, env, ctx)
    }
  },
} satisfies ExportedHandler<Env>
