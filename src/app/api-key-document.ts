/** A key as it is answered: never a hash, its text only where it was just made. */

import { rfc3339 } from '../ports/clock.ts'
import type { ApiKey, Scope } from '../ports/control-plane.ts'

export interface KeyDocument {
  id: string
  name: string
  scopes: Scope[]
  senders: string[] | null
  recipients: string[] | null
  relays: string[] | null
  max_per_minute: number | null
  sandbox: boolean
  expires_at: string | null
  created_at: string
  created_by: string | null
  last_used_at: string | null
  revoked_at: string | null
}

export function keyDocument(key: ApiKey): KeyDocument {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    senders: key.senders,
    recipients: key.recipients,
    relays: key.relays,
    max_per_minute: key.max_per_minute,
    sandbox: key.sandbox,
    expires_at: rfc3339(key.expires_at),
    created_at: rfc3339(key.created_at),
    created_by: key.created_by,
    last_used_at: rfc3339(key.last_used_at),
    revoked_at: rfc3339(key.revoked_at),
  }
}
