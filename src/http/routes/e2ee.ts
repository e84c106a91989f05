/** `/v1/e2ee`: public keys of recipients, and senders who can sign. */

import { Hono } from 'hono'
import { addPublicKeys } from '../../app/add-public-keys.ts'
import { exportKey } from '../../app/export-key.ts'
import { identityDocument } from '../../app/identity-document.ts'
import {
  deleteIdentity,
  findIdentity,
  listIdentities,
  putIdentity,
} from '../../app/manage-identities.ts'
import {
  changePublicKey,
  deletePublicKey,
  findPublicKey,
  listPublicKeys,
} from '../../app/manage-public-keys.ts'
import { nextOf } from '../../app/paging.ts'
import { publicKeyDocument } from '../../app/public-key-document.ts'
import { invalidRequest } from '../../domain/errors.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { answerOnce } from '../first-answer.ts'
import { pageOf } from '../paging.ts'
import { readQuery } from '../query.ts'
import {
  AddPublicKeysBody,
  ListPublicKeysQueryParams,
  PutIdentityBody,
  UpdatePublicKeyBody,
} from '../schema.generated.ts'
import { formatMessage } from '../validate-formats.ts'

/** As IdentityName in the description. */
const NAME = /^[a-z0-9-]{1,64}$/

export const e2eeRoutes = new Hono<AppEnv>()

e2eeRoutes.get('/keys', requireScope('manage'), async (c) => {
  const deps = c.get('deps')
  const { address, ...query } = readQuery(c.req.url, ListPublicKeysQueryParams)
  const page = pageOf(query)
  const wanted = { ...page, ...(address !== undefined && { address }) }
  const { data, has_more } = await listPublicKeys(deps, c.get('caller'), wanted)
  const places = data.map(({ ref }) => ({ id: ref }))
  return c.json({
    data: await Promise.all(data.map((key) => publicKeyDocument(deps, key))),
    has_more,
    next: nextOf(page, places, has_more),
  })
})

e2eeRoutes.post('/keys', requireScope('manage'), async (c) => {
  const deps = c.get('deps')
  const request = await readBody(c.req.raw, AddPublicKeysBody)
  return await answerOnce(c, request, async () => {
    const keys = await addPublicKeys(deps, c.get('caller'), request)
    const data = await Promise.all(keys.map((key) => publicKeyDocument(deps, key)))
    return { status: 201, body: { data } }
  })
})

e2eeRoutes.get('/keys/:ref', requireScope('manage'), async (c) => {
  const key = await findPublicKey(c.get('deps'), c.get('caller'), c.req.param('ref'))
  return c.json(await publicKeyDocument(c.get('deps'), key))
})

e2eeRoutes.get('/keys/:ref/material', requireScope('manage'), async (c) => {
  const key = await findPublicKey(c.get('deps'), c.get('caller'), c.req.param('ref'))
  const { type, octets } = exportKey(key)
  return c.body(new Uint8Array(octets), 200, { 'Content-Type': type })
})

e2eeRoutes.patch('/keys/:ref', requireScope('manage'), async (c) => {
  const change = await readBody(c.req.raw, UpdatePublicKeyBody)
  const ref = c.req.param('ref')
  const key = await changePublicKey(c.get('deps'), c.get('caller'), ref, change)
  return c.json(await publicKeyDocument(c.get('deps'), key))
})

e2eeRoutes.delete('/keys/:ref', requireScope('manage'), async (c) => {
  await deletePublicKey(c.get('deps'), c.get('caller'), c.req.param('ref'))
  return c.body(null, 204)
})

e2eeRoutes.get('/identities', requireScope('manage'), async (c) => {
  const deps = c.get('deps')
  const identities = await listIdentities(deps, c.get('caller'))
  const data = await Promise.all(identities.map((identity) => identityDocument(deps, identity)))
  return c.json({ data, has_more: false, next: null })
})

e2eeRoutes.get('/identities/:id', requireScope('manage'), async (c) => {
  const identity = await findIdentity(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.json(await identityDocument(c.get('deps'), identity))
})

e2eeRoutes.put('/identities/:id', requireScope('manage'), async (c) => {
  const id = c.req.param('id')
  if (!NAME.test(id)) {
    const message = formatMessage('identity-name')
    throw invalidRequest([{ pointer: '/path/id', code: 'field.format', message }])
  }
  const request = await readBody(c.req.raw, PutIdentityBody)
  const { identity, created } = await putIdentity(c.get('deps'), c.get('caller'), id, request)
  return c.json(await identityDocument(c.get('deps'), identity), created ? 201 : 200)
})

e2eeRoutes.delete('/identities/:id', requireScope('manage'), async (c) => {
  await deleteIdentity(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.body(null, 204)
})
