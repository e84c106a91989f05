/** A relay as it is answered: never a secret, with the health its gate knows. */

import { describeError } from '../domain/describe-error.ts'
import type { OAuthClient, RelayConfig, RelayHealth, StoredRelay } from '../domain/relay.ts'
import { DEFAULT_RELAY } from './manage-relays.ts'
import { configOf } from './relay-change.ts'
import type { RelayWork } from './relay-work.ts'

export interface RelayDocument extends RelayConfig {
  auth: { user: string; oauth?: OAuthClient } | null
  /** It comes from the settings. */
  read_only: boolean
  /** Null where the gate could not be asked. */
  health: RelayHealth | null
  created_at: string
  updated_at: string
}

export async function relayDocument(
  relay: StoredRelay,
  work: Pick<RelayWork, 'gate' | 'logLine'>,
): Promise<RelayDocument> {
  return {
    ...configOf(relay),
    auth: authOf(relay),
    read_only: relay.id === DEFAULT_RELAY,
    health: await healthOf(relay.id, work),
    created_at: relay.created_at,
    updated_at: relay.updated_at,
  }
}

function authOf({ auth_user: user, oauth }: StoredRelay): RelayDocument['auth'] {
  if (user === null) return null
  return oauth ? { user, oauth } : { user }
}

/** A configuration can be read though its gate is out of reach: that is when an operator looks. */
async function healthOf(
  id: string,
  { gate, logLine }: Pick<RelayWork, 'gate' | 'logLine'>,
): Promise<RelayHealth | null> {
  try {
    return (await gate(id).health()).health
  } catch (error) {
    logLine({ type: 'gate.error', relay: id, error: describeError(error) })
    return null
  }
}
