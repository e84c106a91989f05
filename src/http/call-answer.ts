/** What a source is told of its call: as it wants to hear it. */

import type { Context } from 'hono'
import type { RunOutcome } from '../app/run-trigger.ts'
import { newId } from '../domain/id.ts'
import type { SourceConfig } from '../domain/source/source.ts'
import { mediaType } from './body.ts'
import type { AppEnv } from './context.ts'

/** 202 where mail was accepted. Null: as if it had been. */
export function callAnswer(
  c: Context<AppEnv>,
  source: SourceConfig,
  outcome: RunOutcome | null,
): Response {
  if (outcome?.replayed) c.header('Idempotency-Replayed', 'true')
  switch (source.type) {
    case 'slack':
      // Anything in it would be shown to whoever wrote the command.
      return c.body(null, 200)
    case 'twilio':
      return c.body('<Response></Response>', 200, { 'Content-Type': 'text/xml' })
    case 'form': {
      const isScript = mediaType(c.req.raw) === 'application/json'
      if (source.redirect !== null && !isScript) return c.redirect(source.redirect, 303)
      // Whoever fills in a form learns nothing of what became of it.
      return c.json({ id: outcome?.result.id ?? newId('call', c.get('deps').clock.now()) }, 202)
    }
    case 'meta':
      return c.json(outcome?.result ?? null, 200)
    default: {
      const isNew = outcome !== null && !outcome.replayed && outcome.result.messages.length > 0
      return c.json(outcome?.result ?? null, isNew ? 202 : 200)
    }
  }
}
