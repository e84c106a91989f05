/** `/v1/dkim`: signing keys of sender domains. */

import { Hono } from 'hono'
import { createDkimKey, deleteDkimKey, dkimDocument, listDkimKeys } from '../../app/manage-dkim.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { answerOnce } from '../first-answer.ts'
import { readQuery } from '../query.ts'
import { CreateDkimKeyBody, ListDkimKeysQueryParams } from '../schema.generated.ts'

export const dkimRoutes = new Hono<AppEnv>()

dkimRoutes.get('/', requireScope('manage'), async (c) => {
  const { domain } = readQuery(c.req.url, ListDkimKeysQueryParams)
  const data = await listDkimKeys(c.get('deps'), c.get('caller'), domain)
  return c.json({ data, has_more: false, next: null })
})

dkimRoutes.post('/', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, CreateDkimKeyBody)
  return await answerOnce(c, request, async () => {
    const key = await createDkimKey(c.get('deps'), c.get('caller'), request)
    return { status: 201, body: dkimDocument(key) }
  })
})

dkimRoutes.delete('/:domain/:selector', requireScope('manage'), async (c) => {
  const { domain, selector } = c.req.param()
  await deleteDkimKey(c.get('deps'), c.get('caller'), domain, selector)
  return c.body(null, 204)
})
