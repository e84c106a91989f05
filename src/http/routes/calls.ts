/** `POST /t/{id}`: where the webhooks of others arrive. The only route that anybody may call; the source proves itself. */

import { type Context, Hono } from 'hono'
import { callTrigger } from '../../app/call-trigger.ts'
import type { ContentBudget, ContentShare } from '../../app/content-budget.ts'
import { noSuchTrigger } from '../../app/manage-triggers.ts'
import { receiveCall } from '../../app/receive-call.ts'
import { nameOf } from '../../app/run-trigger.ts'
import { openSecrets } from '../../app/trigger-secrets.ts'
import { PosternError } from '../../domain/errors.ts'
import { newId } from '../../domain/id.ts'
import { refusalDetail } from '../../domain/source/reason.ts'
import type { Refused, Verified } from '../../domain/source/source.ts'
import { type StoredTrigger, TRIGGER_NAME } from '../../domain/trigger.ts'
import { rfc3339 } from '../../ports/clock.ts'
import { readOctets } from '../body.ts'
import { callAnswer, formAnswer } from '../call-answer.ts'
import type { AppEnv } from '../context.ts'
import { allowOrigin, assertWithinAddressRate, preflight } from '../form-access.ts'
import { unexpected } from '../problem.ts'
import { takeTriggerUse } from '../rate.ts'
import { originOf } from '../submission-answer.ts'
import { toItsEnd } from '../to-its-end.ts'

/** To be mounted at `/t`; one for each isolate. */
export function callRoutes(budget: ContentBudget): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()
  routes.on(['GET', 'POST'], '/:id', async (c) => {
    const trigger = await triggerOf(c)
    const { source } = trigger
    if (source.type === 'form') {
      allowOrigin(c, source)
      assertWithinAddressRate(c, trigger.id, source)
    }
    const share = budget.share(`trigger ${trigger.id}`)
    try {
      return await answer(c, trigger, await bodyOf(c.req.raw, trigger, share))
    } finally {
      share.release()
    }
  })
  routes.options('/:id', async (c) => {
    const trigger = await triggerOf(c)
    if (trigger.source.type === 'form') return preflight(c, trigger.source)
    return refuse(c, trigger, { reason: 'source.method' })
  })
  return routes
}

async function triggerOf(c: Context<AppEnv>): Promise<StoredTrigger> {
  const id = c.req.param('id') ?? ''
  const trigger = TRIGGER_NAME.test(id) ? await c.get('deps').triggers.get(id) : null
  if (!trigger) throw noSuchTrigger()
  return trigger
}

/** @throws PosternError as `readOctets`, in words of a trigger */
async function bodyOf(
  request: Request,
  { max_body }: StoredTrigger,
  share: ContentShare,
): Promise<Uint8Array> {
  return await readOctets(request, max_body, { share }).catch((error) => {
    const isTooLarge = error instanceof PosternError && error.code === 'request.too_large'
    if (!isTooLarge) throw error
    throw new PosternError(error.code, `The trigger takes bodies of ${max_body} octets at most.`)
  })
}

async function answer(
  c: Context<AppEnv>,
  trigger: StoredTrigger,
  body: Uint8Array,
): Promise<Response> {
  const deps = c.get('deps')
  const { source } = trigger
  const { method, url, headers } = c.req.raw
  const received = await receiveCall(
    { method, url, headers, body },
    source,
    await openSecrets(deps.sealer, trigger),
    deps.clock.now(),
    { outside: deps.providerContext.outside, snsCertificates: deps.snsCertificates },
  )
  switch (received.kind) {
    case 'refused':
      return refuse(c, trigger, received)
    case 'challenge':
      return c.body(received.answer.body, 200, { 'Content-Type': received.answer.contentType })
    case 'ping':
      return c.json({ id: null, rules: [], messages: [], left_out: 0 })
    case 'call':
      return await runCall(c, trigger, body, received.verified)
  }
}

async function runCall(
  c: Context<AppEnv>,
  trigger: StoredTrigger,
  body: Uint8Array,
  verified: Verified,
): Promise<Response> {
  const deps = c.get('deps')
  const { url, headers } = c.req.raw
  const outcome = await callTrigger(deps, trigger, {
    raw: {
      query: new URL(url).searchParams,
      headers,
      type: headers.get('content-type') ?? '',
      body,
      ...(verified.payload && { signed: verified.payload }),
    },
    replay_of: null,
    ...nameOf(verified),
    origin: originOf(c),
    admit: () => admit(c, trigger),
    report: (error) => unexpected(error, c.get('requestId')),
    afterwards: (work) => void toItsEnd(c, work),
  })
  return callAnswer(c, trigger.source, outcome)
}

/** @throws PosternError `trigger.rate` */
function admit(c: Context<AppEnv>, { id, max_per_minute }: StoredTrigger): void {
  const quota = { name: `trigger ${id}`, perWindow: max_per_minute }
  takeTriggerUse(c, quota, `it takes ${max_per_minute} calls a minute`)
}

/** Nothing of the call is kept: a line of the log says that there was one, and why it was not taken. */
function refuse(
  c: Context<AppEnv>,
  { id, source }: StoredTrigger,
  refusal: Pick<Refused, 'reason' | 'header'>,
): Response {
  const { clock, logLine } = c.get('deps')
  const { reason } = refusal
  const request_id = c.get('requestId')
  const timestamp = rfc3339(clock.now())
  logLine({ type: 'trigger.refused', timestamp, request_id, trigger: id, code: reason })
  if (reason === 'source.honeypot') {
    return formAnswer(c, 'redirect' in source ? source.redirect : null, newId('call', clock.now()))
  }
  if (reason === 'source.method') c.header('Allow', source.type === 'meta' ? 'GET, POST' : 'POST')
  throw new PosternError(reason, refusalDetail(refusal))
}
