/** `/v1/keys`: what may call this gateway. */

import { Hono } from 'hono'
import { keyDocument } from '../../app/api-key-document.ts'
import {
  changeKey,
  createKey,
  findKey,
  listKeys,
  revokeKey,
  rotateKey,
} from '../../app/manage-api-keys.ts'
import { nextOf } from '../../app/paging.ts'
import { rfc3339 } from '../../ports/clock.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { answerOnce } from '../first-answer.ts'
import { pageOf } from '../paging.ts'
import { readQuery } from '../query.ts'
import {
  CreateKeyBody,
  ListKeysQueryParams,
  RotateKeyBody,
  UpdateKeyBody,
} from '../schema.generated.ts'

/** Seconds an old secret works on after a rotation that doesn't say. */
const OVERLAP_S = 86_400

export const keyRoutes = new Hono<AppEnv>()

keyRoutes.get('/', requireScope('manage'), async (c) => {
  const page = pageOf(readQuery(c.req.url, ListKeysQueryParams))
  const { data, has_more } = await listKeys(c.get('deps'), c.get('caller'), page)
  return c.json({ data: data.map(keyDocument), has_more, next: nextOf(page, data, has_more) })
})

keyRoutes.post('/', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, CreateKeyBody)
  return await answerOnce(c, request, async () => {
    const { key, text } = await createKey(c.get('deps'), c.get('caller'), request)
    const kept = keyDocument(key)
    return { status: 201, body: { ...kept, key: text }, kept }
  })
})

keyRoutes.get('/:id', requireScope('manage'), async (c) =>
  c.json(keyDocument(await findKey(c.get('deps'), c.get('caller'), c.req.param('id')))),
)

keyRoutes.patch('/:id', requireScope('manage'), async (c) => {
  const change = await readBody(c.req.raw, UpdateKeyBody)
  const key = await changeKey(c.get('deps'), c.get('caller'), c.req.param('id'), change)
  return c.json(keyDocument(key))
})

keyRoutes.delete('/:id', requireScope('manage'), async (c) => {
  await revokeKey(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.body(null, 204)
})

keyRoutes.post('/:id/rotate', requireScope('manage'), async (c) => {
  const { overlap = OVERLAP_S } = await readBody(c.req.raw, RotateKeyBody, { optional: true })
  const rotated = await rotateKey(c.get('deps'), c.get('caller'), c.req.param('id'), overlap)
  const { key, text, previousExpiresAt } = rotated
  return c.json({
    ...keyDocument(key),
    key: text,
    previous_expires_at: rfc3339(previousExpiresAt),
  })
})
