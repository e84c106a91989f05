/** Lists, one message's story, and the octets as sent. */

import { Hono } from 'hono'
import { accepts } from 'hono/accepts'
import { listMessages, readContent, readMessage } from '../../app/query-messages.ts'
import { timelineText } from '../../domain/timeline-text.ts'
import { requireScope } from '../auth.ts'
import type { AppEnv } from '../context.ts'
import { messageFilter } from '../message-filter.ts'
import { pageOf } from '../paging.ts'
import { readQuery } from '../query.ts'
import { GetMessageContentQueryParams, ListMessagesQueryParams } from '../schema.generated.ts'

export function readRoutes(): Hono<AppEnv> {
  const anybody = requireScope('read', 'send', 'manage')
  return new Hono<AppEnv>()
    .get('/', anybody, async (c) => {
      const query = readQuery(c.req.url, ListMessagesQueryParams)
      const page = await listMessages(
        c.get('deps'),
        c.get('caller'),
        messageFilter(query),
        pageOf(query),
      )
      return c.json({ ...page, consistency: 'eventual' })
    })
    .get('/:id', anybody, async (c) => {
      const document = await readMessage(c.get('deps'), c.get('caller'), c.req.param('id'))
      c.header('Vary', 'Accept')
      const type = accepts(c, {
        header: 'Accept',
        supports: ['application/json', 'text/plain'],
        default: 'application/json',
      })
      return type === 'text/plain' ? c.text(timelineText(document)) : c.json(document)
    })
    .get('/:id/content', requireScope('manage'), async (c) => {
      const { copy = 0 } = readQuery(c.req.url, GetMessageContentQueryParams)
      const id = c.req.param('id')
      const content = await readContent(c.get('deps'), c.get('caller'), id, copy)
      return c.body(content, 200, {
        'Content-Type': 'message/rfc822',
        'Content-Disposition': `attachment; filename="${id}.eml"`,
      })
    })
}
