/** `/v1/relays`: who carries the mail. A key bound to relays sees and changes no others. */

import { type Context, Hono, type MiddlewareHandler } from 'hono'
import {
  createRelay,
  findRelay,
  flushRelay,
  patchRelay,
  putRelay,
} from '../../app/manage-relays.ts'
import { relayDocument } from '../../app/relay-document.ts'
import { removeRelay } from '../../app/remove-relay.ts'
import { mayUseRelay } from '../../domain/binding.ts'
import { PosternError } from '../../domain/errors.ts'
import type { StoredRelay } from '../../domain/relay.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { answerOnce } from '../first-answer.ts'
import { readQuery } from '../query.ts'
import {
  CreateRelayBody,
  DeleteRelayQueryParams,
  PutRelayBody,
  RelayName,
  UpdateRelayBody,
} from '../schema.generated.ts'
import { invalidRequest } from '../validate.ts'

export const relayRoutes = new Hono<AppEnv>()

/** A relay outside the caller's binding is as good as none. */
function ownRelay(): MiddlewareHandler<AppEnv, '/:id'> {
  return async function ownRelay(c, next) {
    assertOwn(c, c.req.param('id'))
    await next()
  }
}

function assertOwn(c: Context<AppEnv>, id: string): void {
  if (mayUseRelay(c.get('caller'), id)) return
  throw new PosternError('relay.not_found', 'no relay has this name')
}

function documentOf(c: Context<AppEnv>, relay: StoredRelay) {
  return relayDocument(relay, c.get('deps').gate)
}

relayRoutes.get('/', requireScope('manage'), async (c) => {
  const relays = await c.get('deps').relays.list({ fresh: true })
  const own = relays.filter(({ id }) => mayUseRelay(c.get('caller'), id))
  const data = await Promise.all(own.map((relay) => documentOf(c, relay)))
  return c.json({ data, has_more: false, next: null })
})

relayRoutes.post('/', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, CreateRelayBody)
  const { id } = request
  if (id === undefined) {
    const message = 'The field "id" is needed.'
    throw invalidRequest([{ pointer: '/id', code: 'field.required', message }])
  }
  assertMayCreate(c, id)
  return await answerOnce(c, request, async () => {
    const relay = await createRelay(c.get('deps'), id, request)
    return { status: 201, body: await documentOf(c, relay) }
  })
})

relayRoutes.get('/:id', requireScope('manage'), ownRelay(), async (c) =>
  c.json(await documentOf(c, await findRelay(c.get('deps'), c.req.param('id')))),
)

relayRoutes.put('/:id', requireScope('manage'), async (c) => {
  const id = c.req.param('id')
  if (!RelayName.safeParse(id).success) {
    const message = 'A relay is named with 1 to 64 of a-z, 0-9 and -.'
    throw invalidRequest([{ pointer: '/path/id', code: 'field.format', message }])
  }
  assertMayCreate(c, id)
  const request = await readBody(c.req.raw, PutRelayBody)
  if (request.id !== undefined && request.id !== id) {
    const message = 'The name stands in the path: leave it out here, or give the same.'
    throw invalidRequest([{ pointer: '/id', code: 'field.not_allowed', message }])
  }
  const { relay, created } = await putRelay(c.get('deps'), id, request)
  return c.json(await documentOf(c, relay), created ? 201 : 200)
})

relayRoutes.patch('/:id', requireScope('manage'), ownRelay(), async (c) => {
  const request = await readBody(c.req.raw, UpdateRelayBody)
  const relay = await patchRelay(c.get('deps'), c.req.param('id'), request)
  return c.json(await documentOf(c, relay))
})

relayRoutes.delete('/:id', requireScope('manage'), ownRelay(), async (c) => {
  const { move_to } = readQuery(c.req.url, DeleteRelayQueryParams)
  if (move_to !== undefined) assertMayCreate(c, move_to)
  await removeRelay(c.get('deps'), c.req.param('id'), move_to)
  return c.body(null, 204)
})

relayRoutes.post('/:id/flush', requireScope('manage'), ownRelay(), async (c) =>
  c.json({ recipients: await flushRelay(c.get('deps'), c.req.param('id')) }),
)

function assertMayCreate(c: Context<AppEnv>, id: string): void {
  if (mayUseRelay(c.get('caller'), id)) return
  throw new PosternError('auth.binding', `this key is bound to other relays than ${id}`)
}
