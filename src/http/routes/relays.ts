/** `/v1/relays`: who carries the mail. */

import { type Context, Hono } from 'hono'
import { checkRelay } from '../../app/check-relay.ts'
import { createRelay, flushRelay, patchRelay, putRelay } from '../../app/manage-relays.ts'
import { relayDocument } from '../../app/relay-document.ts'
import { findRelay, listRelays } from '../../app/relay-work.ts'
import { removeRelay } from '../../app/remove-relay.ts'
import { invalidRequest } from '../../domain/errors.ts'
import type { StoredRelay } from '../../domain/relay.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { answerOnce } from '../first-answer.ts'
import { readQuery } from '../query.ts'
import {
  CheckRelayBody,
  CreateRelayBody,
  DeleteRelayQueryParams,
  PutRelayBody,
  RelayName,
  UpdateRelayBody,
} from '../schema.generated.ts'
import { toItsEnd } from '../to-its-end.ts'

export const relayRoutes = new Hono<AppEnv>()

function documentOf(c: Context<AppEnv>, relay: StoredRelay) {
  return relayDocument(relay, c.get('deps'))
}

relayRoutes.get('/', requireScope('manage'), async (c) => {
  const relays = await listRelays(c.get('deps'), c.get('caller'))
  const data = await Promise.all(relays.map((relay) => documentOf(c, relay)))
  return c.json({ data, has_more: false, next: null })
})

relayRoutes.post('/', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, CreateRelayBody)
  const { id } = request
  if (id === undefined) {
    const message = 'The field "id" is needed.'
    throw invalidRequest([{ pointer: '/id', code: 'field.required', message }])
  }
  return await answerOnce(c, request, async () => {
    const relay = await toItsEnd(c, createRelay(c.get('deps'), c.get('caller'), id, request))
    return { status: 201, body: await documentOf(c, relay) }
  })
})

relayRoutes.get('/:id', requireScope('manage'), async (c) => {
  const relay = await findRelay(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.json(await documentOf(c, relay))
})

relayRoutes.put('/:id', requireScope('manage'), async (c) => {
  const id = c.req.param('id')
  if (!RelayName.safeParse(id).success) {
    const message = 'A relay is named with 1 to 64 of a-z, 0-9 and -.'
    throw invalidRequest([{ pointer: '/path/id', code: 'field.format', message }])
  }
  const request = await readBody(c.req.raw, PutRelayBody)
  if (request.id !== undefined && request.id !== id) {
    const message = 'The name stands in the path: leave it out here, or give the same.'
    throw invalidRequest([{ pointer: '/id', code: 'field.not_allowed', message }])
  }
  const { relay, created } = await toItsEnd(
    c,
    putRelay(c.get('deps'), c.get('caller'), id, request),
  )
  return c.json(await documentOf(c, relay), created ? 201 : 200)
})

relayRoutes.patch('/:id', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, UpdateRelayBody)
  const relay = await toItsEnd(
    c,
    patchRelay(c.get('deps'), c.get('caller'), c.req.param('id'), request),
  )
  return c.json(await documentOf(c, relay))
})

relayRoutes.delete('/:id', requireScope('manage'), async (c) => {
  const { move_to } = readQuery(c.req.url, DeleteRelayQueryParams)
  await removeRelay(c.get('deps'), c.get('caller'), c.req.param('id'), move_to)
  return c.body(null, 204)
})

relayRoutes.post('/:id/flush', requireScope('manage'), async (c) => {
  const recipients = await flushRelay(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.json({ recipients })
})

relayRoutes.post('/:id/check', requireScope('manage'), async (c) => {
  const { login = false } = await readBody(c.req.raw, CheckRelayBody, { optional: true })
  const id = c.req.param('id')
  return c.json(await toItsEnd(c, checkRelay(c.get('deps'), c.get('caller'), id, { login })))
})
