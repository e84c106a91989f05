/** The relay `default`: its row follows `POSTERN_RELAY_URL`, and goes when the setting goes. */

import { PosternError } from '../domain/errors.ts'
import type { RelayUrl } from '../domain/relay-url.ts'
import { DEFAULT_RELAY, storeRelay } from './manage-relays.ts'
import { wholeRelay } from './relay-change.ts'
import { changeLogin } from './relay-login.ts'
import type { RelayWork } from './relay-work.ts'

/** Once an isolate begins, and with each sweep: brings row and gate in line with the setting. */
export async function syncDefaultRelay(work: RelayWork, url: RelayUrl | null): Promise<void> {
  const stored = await work.relays.get(DEFAULT_RELAY, { fresh: true })
  if (url === null) {
    if (!stored) return
    await work.relays.delete(DEFAULT_RELAY)
    await work.gate(DEFAULT_RELAY).configure(null)
    return
  }
  const { host, routes, user, password } = url
  const reach = work.settings.relayReach
  const config = wholeRelay(DEFAULT_RELAY, { host, routes }, reach)
  const auth = user !== null && password !== null ? { user, password } : null
  const change = { stored, id: DEFAULT_RELAY, host: config.host, auth, partial: false, reach }
  try {
    await storeRelay(work, stored, config, await changeLogin(work.sealer, change))
  } catch (error) {
    // Another isolate began at the same time and was first.
    if (!(error instanceof PosternError && error.code === 'relay.conflict')) throw error
  }
}
