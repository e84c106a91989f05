/** The answer to an accepted submission: never a 5xx, whatever happens after acceptance. */

import type { Context } from 'hono'
import type { Acceptance } from '../app/idempotent-accept.ts'
import { awaitOutcome, isSettled } from '../app/query-messages.ts'
import type { AppEnv } from './context.ts'

/** 202 with the receipt; where the client waits the whole document, 200 where all is final. */
export async function acceptedAnswer(
  c: Context<AppEnv>,
  { receipt, replayed }: Acceptance,
  seconds: number | null,
): Promise<Response> {
  c.header('Location', `/v1/messages/${receipt.id}`)
  if (replayed) c.header('Idempotency-Replayed', 'true')
  if (seconds === null) return c.json(receipt, 202)
  const document = await awaitOutcome(c.get('deps'), receipt.id, seconds)
  if (document === null) return c.json(receipt, 202)
  c.header('Preference-Applied', `wait=${seconds}`)
  return c.json(document, isSettled(document) ? 200 : 202)
}

/** How many messages it added. */
export function newlyAccepted({ replayed }: Acceptance): number {
  return replayed ? 0 : 1
}

/** Where this gateway is reached, without a slash at the end. */
export function originOf(c: Context<AppEnv>): string {
  return (c.get('deps').settings.publicUrl ?? new URL(c.req.url).origin).replace(/\/$/, '')
}
