/** A trigger: who may call it, and the mail that a call becomes. Snake case, as on the wire. */

import type { Wish } from './e2ee-policy.ts'
import type { SourceConfig } from './source/source.ts'
import type { Mailbox } from './submission.ts'

/** Texts are Liquid; `data` is an expression for each variable. */
export interface TriggerMail {
  to?: string[]
  cc?: string[]
  bcc?: string[]
  reply_to?: string[]
  subject?: string
  text?: string
  html?: string
  headers?: Record<string, string>
  template?: { id: string; version?: number; data?: Record<string, string> }
  tags?: Record<string, string>
  encryption?: { encrypt?: Wish; sign?: Wish; protocol?: string }
  relay?: string
  priority?: 'high' | 'normal' | 'low'
}

export interface TriggerRule {
  name: string
  /** An expression; null: it always holds. */
  when: string | null
  /** An expression for a list, each entry of which is a mail; null: one mail. */
  each: string | null
  then: TriggerMail
}

/** What an operator says, defaults filled in. */
export interface TriggerContent {
  source: SourceConfig
  /** Of every mail; nothing in a call changes it. */
  from: Mailbox
  /** Patterns of those it may mail beside the recipients that are fixed text. */
  recipients: string[]
  match: 'first' | 'all'
  rules: TriggerRule[]
  /** Octets. */
  max_body: number
  max_per_minute: number
  /** Of one call. */
  max_mails: number
  keep_bodies: boolean
}

export interface StoredTrigger extends TriggerContent {
  /** Given by the operator; stands in the URL. */
  id: string
  /** A JSON array; null where the source has none. */
  sealed_secrets: string | null
  secret_count: number
  created_at: number
  updated_at: number
}

export const TRIGGER_NAME = /^[a-z0-9-]{1,64}$/

export const RECIPIENT_LISTS = ['to', 'cc', 'bcc'] as const

/** Whether a text is made anew for each call. */
export function isLiquid(text: string): boolean {
  return /\{[{%]/.test(text)
}
