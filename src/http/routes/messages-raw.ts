/** `POST /v1/messages/raw`: the body streams through, it is never held whole. */

import { Hono } from 'hono'
import type { ContentBudget } from '../../app/content-budget.ts'
import { submitRaw } from '../../app/submit-raw.ts'
import { PosternError } from '../../domain/errors.ts'
import { requireScope } from '../auth.ts'
import { decodeUtf8, MULTIPART_LIMIT, mediaType } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { placementOf, readIdempotencyKey } from '../idempotency.ts'
import { rateLimit } from '../rate.ts'
import { acceptedAnswer, originOf } from '../submission-answer.ts'

const ROUTE = 'POST /v1/messages/raw'
/** Chunks on their way and the one that fills. */
const HELD_OCTETS = 4 * 1024 * 1024

export function rawRoutes(budget: ContentBudget): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/raw', requireScope('send'), rateLimit(), async (c) => {
    const submitter = c.get('caller')
    const key = readIdempotencyKey(c.req.header('Idempotency-Key'))
    const content = rawBody(c.req.raw)
    const declared = Number(c.req.header('Content-Length') ?? HELD_OCTETS)
    const share = budget.share(Math.min(declared, HELD_OCTETS))
    try {
      const acceptance = await submitRaw(
        c.get('deps'),
        {
          content,
          limit: MULTIPART_LIMIT,
          envelope: {
            from: headerText(c.req.header('Postern-From')),
            to: headerText(c.req.header('Postern-To')),
          },
        },
        {
          submitter,
          origin: originOf(c),
          place: placementOf(submitter, ROUTE, key, '').place,
          placementOf: (hash) => placementOf(submitter, ROUTE, key, hash),
        },
      )
      share.release()
      return await acceptedAnswer(c, acceptance)
    } finally {
      share.release()
    }
  })
}

function rawBody(request: Request): AsyncIterable<Uint8Array> {
  if (mediaType(request) !== 'message/rfc822') {
    throw new PosternError(
      'request.media_type',
      `This route takes a finished message: send "Content-Type: message/rfc822".`,
    )
  }
  const declared = Number(request.headers.get('Content-Length') ?? 0)
  if (declared > MULTIPART_LIMIT) {
    throw new PosternError(
      'request.too_large',
      `The message is larger than ${MULTIPART_LIMIT} octets.`,
    )
  }
  return (request.body ?? emptyStream()) as ReadableStream<Uint8Array>
}

function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() })
}

/** Header values come one character an octet: addresses beyond ASCII are sent as UTF-8. */
function headerText(value: string | undefined): string | null {
  if (value === undefined) return null
  if (!/[\u0080-\u00ff]/.test(value)) return value
  return decodeUtf8(
    Uint8Array.from(value, (char) => char.charCodeAt(0)),
    'A Postern header',
  )
}
