/** A trial signature: an identity that can't sign is found out when it is stored, not by the first mail. */

import { DEFAULT_POLICY } from '../domain/e2ee-policy.ts'
import { isProtectionError } from '../domain/protection-error.ts'
import type { Identity } from '../ports/e2ee-stores.ts'
import { startMaking } from './making-copies.ts'
import { type ProtectDeps, protectCopy } from './protect-copy.ts'
import { refusal } from './read-keys.ts'

const BODY = new TextEncoder().encode('This is signed to see whether it can be.\r\n')

/** @throws PosternError with what the signer, or what proves its signature, says; at `pointer` of the request */
export async function tryIdentity(
  deps: ProtectDeps,
  identity: Identity,
  pointer: string,
): Promise<void> {
  const [from = ''] = identity.addresses
  const header = new TextEncoder().encode(`From: <${from}>\r\nContent-Type: text/plain\r\n\r\n`)
  async function* open() {
    yield BODY
  }
  const { protocol } = identity
  const making = startMaking(deps.clock)
  const operation = 'sign' as const
  const plan = { operation, protocol, identity, keys: [], selfKeys: [], policy: DEFAULT_POLICY }
  try {
    const { body } = await protectCopy(deps, { header, open }, plan, from, making)
    for await (const _ of body);
  } catch (error) {
    if (!isProtectionError(error)) throw error
    throw refusal(error.code, error.message, pointer)
  }
}
