/** `/v1/templates`: what messages say, in Liquid. */

import { type Context, Hono } from 'hono'
import {
  deleteTemplate,
  findTemplate,
  listTemplates,
  previewTemplate,
  putTemplate,
  templateDocument,
} from '../../app/manage-templates.ts'
import { invalidRequest } from '../../domain/errors.ts'
import type { StoredTemplate } from '../../domain/template.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { readQuery } from '../query.ts'
import {
  GetTemplateQueryParams,
  PutTemplateBody,
  RenderTemplateBody,
  TemplateName,
} from '../schema.generated.ts'

export const templateRoutes = new Hono<AppEnv>()

function documentOf(c: Context<AppEnv>, template: StoredTemplate) {
  return templateDocument(c.get('deps'), template)
}

templateRoutes.get('/', requireScope('manage'), async (c) => {
  const data = await listTemplates(c.get('deps'), c.get('caller'))
  return c.json({ data, has_more: false, next: null })
})

templateRoutes.get('/:id', requireScope('manage'), async (c) => {
  const { version } = readQuery(c.req.url, GetTemplateQueryParams)
  const id = c.req.param('id')
  const template = await findTemplate(c.get('deps'), c.get('caller'), id, version)
  return c.json(await documentOf(c, template))
})

templateRoutes.put('/:id', requireScope('manage'), async (c) => {
  const id = c.req.param('id')
  if (!TemplateName.safeParse(id).success) {
    const message = 'A template is named with 1 to 64 of a-z, 0-9 and -.'
    throw invalidRequest([{ pointer: '/path/id', code: 'field.format', message }])
  }
  const request = await readBody(c.req.raw, PutTemplateBody)
  const { template, created } = await putTemplate(c.get('deps'), c.get('caller'), id, request)
  return c.json(await documentOf(c, template), created ? 201 : 200)
})

templateRoutes.delete('/:id', requireScope('manage'), async (c) => {
  await deleteTemplate(c.get('deps'), c.get('caller'), c.req.param('id'))
  return c.body(null, 204)
})

/** Who may send with it may see what that would say. */
templateRoutes.post('/:id/render', requireScope('send', 'manage'), async (c) => {
  const request = await readBody(c.req.raw, RenderTemplateBody, { optional: true })
  return c.json(await previewTemplate(c.get('deps'), c.req.param('id'), request))
})
