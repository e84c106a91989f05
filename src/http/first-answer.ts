/** `Idempotency-Key` on the POSTs of the control plane: the first answer is kept 24 h, without secrets, and replayed. */

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { PosternError } from '../domain/errors.ts'
import { SealError, sealAad } from '../domain/seal.ts'
import { canonicalJson, sha256 } from './canonical-json.ts'
import type { AppEnv } from './context.ts'
import { readIdempotencyKey } from './idempotency.ts'

export interface FirstAnswer {
  status: ContentfulStatusCode
  body: object
  /** What a replay answers: the body without its secrets. */
  kept?: object
}

/**
 * Runs the request once for its key. The request's hash is sealed before it rests: it may be that of a password.
 * @throws PosternError `idempotency.conflict`, `idempotency.running`
 */
export async function answerOnce(
  c: Context<AppEnv>,
  request: unknown,
  run: () => Promise<FirstAnswer>,
): Promise<Response> {
  const key = readIdempotencyKey(c.req.header('Idempotency-Key'))
  if (key === null) {
    const { status, body } = await run()
    return c.json(body, status)
  }
  const { answers, clock, sealer } = c.get('deps')
  const scope = `${c.get('caller').id} ${c.req.method} ${c.req.path}`
  const aad = sealAad('answers', scope, 'hash', key)
  const hash = await sha256(canonicalJson(request))
  const claim = await answers.claim(scope, key, await sealer.seal(hash, aad), clock.now())
  if (claim.kind === 'running') {
    throw new PosternError('idempotency.running', 'ask again when the first request has ended', {
      retryAfterS: 1,
    })
  }
  if (claim.kind === 'answered') {
    if ((await openHash()) !== hash) {
      throw new PosternError('idempotency.conflict', 'use a new key for another request')
    }
    c.header('Idempotency-Replayed', 'true')
    return c.body(claim.answer, claim.status as ContentfulStatusCode, {
      'Content-Type': 'application/json',
    })
  }
  try {
    const { status, body, kept = body } = await run()
    await answers.settle(scope, key, status, JSON.stringify(kept))
    return c.json(body, status)
  } catch (error) {
    await answers.abandon(scope, key)
    throw error
  }

  async function openHash(): Promise<string | null> {
    if (claim.kind !== 'answered') return null
    try {
      return await sealer.open(claim.hash, aad)
    } catch (error) {
      if (error instanceof SealError) return null
      throw error
    }
  }
}
