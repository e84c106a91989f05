/** Who may call a trigger, as its operator says it, and what became of looking at one call. */

import type { SourceReason } from './reason.ts'

export type SourceConfig =
  | { type: 'standard-webhooks'; tolerance: number }
  | { type: 'github' }
  /** Facebook, Instagram, WhatsApp: GitHub's header, and a GET that asks for `verify_token` first. */
  | { type: 'meta'; verify_token: string }
  | { type: 'stripe'; tolerance: number }
  | { type: 'slack'; tolerance: number }
  | { type: 'shopify' }
  /** `token`: the secret stands in a header and signs nothing. `signature`: Standard Webhooks, as newer versions do. */
  | { type: 'gitlab'; by: 'token' | 'signature'; tolerance: number }
  /** `url`: the address without query that Twilio calls, where a proxy changes it on the way; else null. */
  | { type: 'twilio'; url: string | null }
  /** Anyone with an account can have SNS sign: only `topics` says whose messages these are. */
  | { type: 'sns'; topics: string[]; tolerance: number }
  | HmacSource
  /** Secrets are `user:password`. */
  | { type: 'basic' }
  /** `Authorization: Bearer`; in another header the token stands alone. */
  | { type: 'bearer'; header: string }
  | FormSource

export type SourceType = SourceConfig['type']

/** Nobody is authenticated. */
export interface FormSource {
  type: 'form'
  origins: string[]
  honeypot: string | null
  /** Where the browser goes after a form was sent; null: it is answered like everybody else. */
  redirect: string | null
  /** Posts of one IP address in a minute. */
  max_per_address: number
}

/** A scheme that is put together: HMAC of `content` in a header. */
export interface HmacSource {
  type: 'hmac'
  /** Lower case, as all names of headers here. */
  header: string
  algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  encoding: 'hex' | 'base64' | 'base64url'
  /** Stands before the signature: `sha256=`. */
  prefix: string
  /** What is signed: `{body}` once and, where `timestamp_header` is not null, `{timestamp}` once. */
  content: string
  timestamp_header: string | null
  timestamp_unit: 'seconds' | 'milliseconds'
  /** Seconds before and after the time signed, here and in every source that signs one. */
  tolerance: number
}

/** One call as it came in. */
export interface SourceRequest {
  method: string
  /** Absolute, spelled as the caller did: Twilio signs it. */
  url: string
  headers: Headers
  /** The octets themselves, before any parsing. */
  body: Uint8Array
}

export interface Verified {
  ok: true
  /**
   * Hex SHA-256 of what was proven: the id, where an id is signed and names the event; else the octets signed. Equal for
   * every repeat of a call, and nothing a forger could vary changes it: neither an unsigned header nor the spelling of a signature.
   */
  covers: string
  /**
   * `signature`: over the content; a repeat is the sender's retry or somebody's replay, and looks the same. `secret`: the caller
   * knows a secret, that signs nothing: the same body twice may be meant. `none`: anyone may have sent it.
   */
  proof: 'signature' | 'secret' | 'none'
  /** Milliseconds since the epoch, where the source signs a time. */
  signedAt?: number
  /** What is signed, where that is not the whole body: all that may be believed. */
  payload?: Record<string, string>
}

export interface Refused {
  ok: false
  reason: SourceReason
  /** Which one, where the reason is a header. */
  header?: string
}

export type Verdict = Verified | Refused

export function refused(reason: SourceReason, header?: string): Refused {
  return { ok: false, reason, ...(header !== undefined && { header }) }
}
