/** Events: what happened to a message or a relay, each told once and in order. */

export type EventType =
  | 'message.accepted'
  | 'message.scheduled'
  | 'message.sending'
  | 'message.canceled'
  | 'recipient.relayed'
  | 'recipient.deferred'
  | 'recipient.bounced'
  | 'recipient.delivered'
  | 'recipient.expired'
  | 'recipient.suppressed'
  | 'recipient.unknown'
  | 'recipient.complained'
  | 'relay.fallback'
  | 'relay.alarm'
  | 'relay.recovered'
  | 'suppression.created'
  | 'e2ee.key_changed'
  | 'e2ee.key_expiring'

export interface Event {
  /** `evt_…`, sortable. */
  id: string
  /** Per message, from 1, without gaps. */
  seq: number
  type: EventType
  /** RFC 3339 UTC with milliseconds. */
  timestamp: string
  data: Record<string, unknown>
}
