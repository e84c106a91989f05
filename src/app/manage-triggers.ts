/** Triggers. They send as anybody the operator names, so that only keys without bindings manage them. */

import { type Bound, isUnbound } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import { type Clock, rfc3339 } from '../ports/clock.ts'
import type { RelayStore, Scope, Sealer } from '../ports/control-plane.ts'
import type { TriggerStore } from '../ports/trigger-store.ts'
import { readTrigger, type TriggerRequest } from './read-trigger.ts'
import type { TemplateDeps } from './render-template.ts'
import { chooseSecrets, sealSecrets } from './trigger-secrets.ts'
import { Violations } from './violations.ts'

export interface TriggerWork extends TemplateDeps {
  clock: Clock
  settings: { maxRecipients: number }
  triggers: TriggerStore
  relays: RelayStore
  sealer: Sealer
}

export interface TriggerCaller extends Bound {
  scopes: Scope[]
}

/** `secret` is the one that was made for it: it is shown once. */
export interface PutTrigger {
  trigger: StoredTrigger
  created: boolean
  secret: string | null
}

/** @throws PosternError `auth.scope`, `auth.binding`, `request.invalid`; where it is to be new, `trigger.exists` */
export async function putTrigger(
  work: TriggerWork,
  caller: TriggerCaller,
  id: string,
  request: TriggerRequest,
  { isNew = false } = {},
): Promise<PutTrigger> {
  assertMayManageTriggers(caller)
  const now = work.clock.now()
  const violations = new Violations()
  const facts = {
    templates: work.templates,
    templateEngine: work.templateEngine,
    relays: await work.relays.list(),
    maxRecipients: work.settings.maxRecipients,
    now,
  }
  const content = await readTrigger(facts, request, violations)
  const known = await work.triggers.get(id, { fresh: true })
  if (known && isNew) {
    throw new PosternError('trigger.exists', 'give another `id`, or change it with PUT')
  }
  const { secrets, made } = content
    ? await chooseSecrets(work.sealer, known, content.source, request.secrets, violations)
    : { secrets: [], made: null }
  violations.throwIfAny()
  if (!content) throw new Error('a trigger without a source has no violation')
  const trigger: StoredTrigger = {
    id,
    ...content,
    ...(await sealSecrets(work.sealer, { id, source: content.source }, secrets)),
    created_at: known?.created_at ?? now,
    updated_at: now,
  }
  await work.triggers.put(trigger)
  return { trigger, created: known === null, secret: made }
}

/** @throws PosternError `auth.binding`, `trigger.not_found` */
export async function findTrigger(
  { triggers }: Pick<TriggerWork, 'triggers'>,
  caller: Bound,
  id: string,
): Promise<StoredTrigger> {
  assertUnbound(caller)
  const trigger = await triggers.get(id, { fresh: true })
  if (!trigger) throw noSuchTrigger()
  return trigger
}

export async function listTriggers(
  { triggers }: Pick<TriggerWork, 'triggers'>,
  caller: Bound,
  origin: string,
) {
  assertUnbound(caller)
  return (await triggers.list()).map(({ id, source, created_at, updated_at }) => ({
    id,
    url: urlOf(id, origin),
    source: source.type,
    created_at: rfc3339(created_at),
    updated_at: rfc3339(updated_at),
  }))
}

/** @throws PosternError `auth.binding`, `trigger.not_found` */
export async function deleteTrigger(
  { triggers }: Pick<TriggerWork, 'triggers'>,
  caller: Bound,
  id: string,
): Promise<void> {
  assertUnbound(caller)
  if (!(await triggers.delete(id))) throw noSuchTrigger()
}

/** Everything but its secrets. */
export function triggerDocument(
  { id, sealed_secrets: _, created_at, updated_at, ...trigger }: StoredTrigger,
  origin: string,
) {
  return {
    id,
    url: urlOf(id, origin),
    ...trigger,
    created_at: rfc3339(created_at),
    updated_at: rfc3339(updated_at),
  }
}

/** A trigger sends: nobody makes one who may not. @throws PosternError `auth.scope`, `auth.binding` */
export function assertMayManageTriggers(caller: TriggerCaller): void {
  if (!caller.scopes.includes('send')) {
    throw new PosternError('auth.scope', 'a trigger sends: this needs the scopes manage and send')
  }
  assertUnbound(caller)
}

export function noSuchTrigger(): PosternError {
  return new PosternError('trigger.not_found', 'there is no trigger of this name')
}

function assertUnbound(caller: Bound): void {
  if (isUnbound(caller)) return
  throw new PosternError(
    'auth.binding',
    'triggers are for all senders: a key without bindings has to manage them',
  )
}

/** Where the source calls. */
export function urlOf(id: string, origin: string): string {
  return `${origin}/t/${id}`
}
