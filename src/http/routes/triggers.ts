/** `/v1/triggers`: webhooks of others that become mail. */

import { Hono } from 'hono'
import { applyRecipe } from '../../app/apply-recipe.ts'
import {
  deleteTrigger,
  findTrigger,
  listTriggers,
  putTrigger,
  triggerDocument,
} from '../../app/manage-triggers.ts'
import { invalidRequest } from '../../domain/errors.ts'
import { TRIGGER_NAME } from '../../domain/trigger.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { answerOnce } from '../first-answer.ts'
import { CreateTriggerBody, PutTriggerBody } from '../schema.generated.ts'
import { originOf } from '../submission-answer.ts'

export const triggerRoutes = new Hono<AppEnv>()

triggerRoutes.get('/', requireScope('manage'), async (c) => {
  const data = await listTriggers(c.get('deps'), c.get('caller'), originOf(c))
  return c.json({ data, has_more: false, next: null })
})

triggerRoutes.post('/', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, CreateTriggerBody)
  return await answerOnce(c, request, async () => {
    const made = await applyRecipe(c.get('deps'), c.get('caller'), request, originOf(c))
    const { secret: _, ...kept } = made
    return { status: 201, body: made, kept }
  })
})

triggerRoutes.get('/:id', requireScope('manage'), async (c) => {
  const trigger = await findTrigger(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.json(triggerDocument(trigger, originOf(c)))
})

triggerRoutes.put('/:id', requireScope('manage'), async (c) => {
  const id = c.req.param('id')
  if (!TRIGGER_NAME.test(id)) {
    const message = 'A trigger is named with 1 to 64 of a-z, 0-9 and -.'
    throw invalidRequest([{ pointer: '/path/id', code: 'field.format', message }])
  }
  const request = await readBody(c.req.raw, PutTriggerBody)
  const { trigger, created, secret } = await putTrigger(c.get('deps'), c.get('caller'), id, request)
  const document = triggerDocument(trigger, originOf(c))
  return c.json({ ...document, ...(secret !== null && { secret }) }, created ? 201 : 200)
})

triggerRoutes.delete('/:id', requireScope('manage'), async (c) => {
  await deleteTrigger(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.body(null, 204)
})
