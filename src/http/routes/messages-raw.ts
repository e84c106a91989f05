/** `POST /v1/messages/raw`: the body streams through, it is never held whole. */

import { Hono } from 'hono'
import type { ContentBudget, ContentShare } from '../../app/content-budget.ts'
import { submitRaw } from '../../app/submit-raw.ts'
import { PosternError } from '../../domain/errors.ts'
import { requireScope } from '../auth.ts'
import { assertPlain, MULTIPART_LIMIT, mediaType } from '../body.ts'
import { bodyOctets, declaredLength } from '../body-stream.ts'
import type { AppEnv } from '../context.ts'
import { placementOf, readIdempotencyKey } from '../idempotency.ts'
import { readWait } from '../prefer.ts'
import { withinRate } from '../rate.ts'
import { acceptedAnswer, newlyAccepted, originOf } from '../submission-answer.ts'

const ROUTE = 'POST /v1/messages/raw'
/** Chunks on their way and the one that fills. */
const HELD_OCTETS = 4 * 1024 * 1024

export function rawRoutes(budget: ContentBudget): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/raw', requireScope('send'), async (c) => {
    const submitter = c.get('caller')
    const seconds = readWait(c.req.header('Prefer'))
    const key = readIdempotencyKey(c.req.header('Idempotency-Key'))
    const share = budget.share(submitter.id)
    try {
      const requireTls = headerText(c.req.header('Postern-Require-TLS'))
      const encryption = headerText(c.req.header('Postern-Encryption'))
      const envelope = {
        from: headerText(c.req.header('Postern-From')),
        to: headerText(c.req.header('Postern-To')),
        ...(requireTls !== null && { requireTls }),
        ...(encryption !== null && { encryption }),
      }
      const context = {
        submitter,
        origin: originOf(c),
        place: placementOf(submitter, ROUTE, key, '').place,
        placementOf: (hash: string) => placementOf(submitter, ROUTE, key, hash),
      }
      const submit = () => {
        const raw = {
          content: rawBody(c.req.raw, share),
          limit: MULTIPART_LIMIT,
          envelope,
          hold: beyond(HELD_OCTETS, share),
        }
        return submitRaw(c.get('deps'), raw, context)
      }
      const acceptance = await withinRate(c, 1, submit, newlyAccepted)
      share.release()
      return await acceptedAnswer(c, acceptance, seconds)
    } finally {
      share.release()
    }
  })
}

function rawBody(request: Request, share: ContentShare): AsyncIterable<Uint8Array> {
  if (mediaType(request) !== 'message/rfc822') {
    throw new PosternError(
      'request.media_type',
      `This route takes a finished message: send "Content-Type: message/rfc822".`,
    )
  }
  assertPlain(request)
  const declared = declaredLength(request)
  if (declared > MULTIPART_LIMIT) {
    throw new PosternError(
      'request.too_large',
      `The message is larger than ${MULTIPART_LIMIT} octets.`,
    )
  }
  share.take(0, Math.min(declared, HELD_OCTETS))
  return counted(request, share)
}

async function* counted(request: Request, share: ContentShare): AsyncGenerator<Uint8Array> {
  let room = HELD_OCTETS
  for await (const chunk of bodyOctets(request)) {
    const held = Math.min(room, chunk.length)
    share.take(held)
    room -= held
    yield chunk
  }
}

/** The first octets were counted as they came. */
function beyond(counted: number, share: ContentShare): (octets: number) => void {
  let held = 0
  return (octets) => {
    const before = Math.max(held, counted)
    held += octets
    if (held > before) share.take(held - before)
  }
}

/** The runtime reads header values as UTF-8 and puts U+FFFD where they are none. */
function headerText(value: string | undefined): string | null {
  if (value?.includes('\ufffd')) {
    throw new PosternError('request.malformed', 'A Postern header is not valid UTF-8.')
  }
  return value ?? null
}
