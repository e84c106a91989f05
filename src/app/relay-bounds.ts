/**
 * Which relays a key manages. Whoever changes a relay decides where the mail of its senders goes, to whomever it is: so
 * those of the key's names whose senders all lie within its own, and none where it is bound to recipients.
 */

import { type Bound, coversAddresses, isWithin, mayUseRelay } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'

type Reached = { id: string; senders: string[] }

export function mayManage(caller: Bound, { id, senders }: Reached): boolean {
  return isWithin(caller, { senders, recipients: ['*'], relays: [id] })
}

/** @throws PosternError `auth.binding` */
export function assertMayManage(caller: Bound, relay: Reached): void {
  assertMayUse(caller, relay.id)
  if (mayManage(caller, relay)) return
  const held = caller.key?.senders ?? null
  if (coversAddresses(held, relay.senders)) {
    throw new PosternError('auth.binding', 'this key is bound to recipients, a relay is not')
  }
  const message = `this key manages relays whose senders lie within ${held?.join(', ')}`
  throw new PosternError('auth.binding', message, {
    violations: [{ pointer: '/senders', code: 'auth.binding', message }],
  })
}

/** @throws PosternError `auth.binding` */
export function assertMayUse(caller: Bound, id: string): void {
  if (mayUseRelay(caller, id)) return
  throw new PosternError('auth.binding', `this key is bound to other relays than ${id}`)
}
