/** `Idempotency-Key` on the POSTs of the control plane: the first answer is kept 24 h, without secrets, and replayed. */

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { describeError } from '../domain/describe-error.ts'
import { PosternError } from '../domain/errors.ts'
import { SealError, sealAad } from '../domain/seal.ts'
import { sha256 } from '../domain/sha256.ts'
import { canonicalJson } from './canonical-json.ts'
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
  const {
    status,
    body,
    kept = body,
  } = await run().catch(async (error) => {
    // A refusal has changed nothing. What else went wrong may have come after the change: the claim stays and runs out.
    if (error instanceof PosternError) await noted(answers.abandon(scope, key))
    throw error
  })
  await noted(answers.settle(scope, key, status, JSON.stringify(kept)))
  return c.json(body, status)

  /** What was done or refused is answered, even where the store can't be told. */
  async function noted(work: Promise<void>): Promise<void> {
    await work.catch((error) => {
      const request_id = c.get('requestId')
      const type = 'idempotency.answer_not_kept'
      console.error(JSON.stringify({ type, request_id, ...describeError(error) }))
    })
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
