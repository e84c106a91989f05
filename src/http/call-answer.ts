/** What a source is told of its call: as it wants to hear it. */

import type { Context } from 'hono'
import type { RunOutcome } from '../app/run-trigger.ts'
import type { SourceConfig } from '../domain/source/source.ts'
import { mediaType } from './body.ts'
import type { AppEnv } from './context.ts'

/** 202 where mail was accepted by this call. */
export function callAnswer(
  c: Context<AppEnv>,
  source: SourceConfig,
  { result, replayed }: RunOutcome,
): Response {
  if (replayed) c.header('Idempotency-Replayed', 'true')
  const status = replayed || result.messages.length === 0 ? 200 : 202
  switch (source.type) {
    case 'form':
      return formAnswer(c, source.redirect, result.id)
    case 'slack':
      // Anything in it would be shown to whoever wrote the command.
      return c.body(null, 200)
    case 'twilio':
      return c.body('<Response></Response>', 200, { 'Content-Type': 'text/xml' })
    case 'meta':
      return c.json(result, 200)
    default:
      return c.json(result, status)
  }
}

/** Whoever fills in a form learns nothing of what became of it. A browser goes on, a script stays. */
export function formAnswer(c: Context<AppEnv>, redirect: string | null, id: string): Response {
  const isScript = mediaType(c.req.raw) === 'application/json'
  return redirect === null || isScript ? c.json({ id }, 202) : c.redirect(redirect, 303)
}
