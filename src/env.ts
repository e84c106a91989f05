/** Bindings and settings as they come, and the one check that makes settings of them, all problems together. */

import { X509Certificate } from 'node:crypto'
import { parseDuration, parseDurationList, parseDurations } from './domain/duration.ts'
import {
  type E2eeProviderName,
  isBuilt,
  parseProviders,
  providersRule,
} from './domain/e2ee-providers.ts'
import { readOutsideUrl } from './domain/outside-url.ts'
import { type RelayReach, readRelayHost } from './domain/relay-host-guard.ts'
import { parseRelayUrl, type RelayUrl } from './domain/relay-url.ts'
import { SANDBOX_SHARD } from './domain/sandbox.ts'
import { type SettingProblem, SettingReader } from './domain/setting-reader.ts'
import type { Settings } from './domain/settings.ts'
import type { Outbox } from './objects/outbox.ts'
import type { RelayGate } from './objects/relay-gate.ts'

export interface Env {
  DB: D1Database
  OUTBOX: DurableObjectNamespace<Outbox>
  RELAY_GATE: DurableObjectNamespace<RelayGate>
  POSTERN_ADMIN_TOKEN?: string
  POSTERN_MASTER_KEY?: string
  POSTERN_MASTER_KEY_PREVIOUS?: string
  POSTERN_RELAY_URL?: string
  POSTERN_PUBLIC_URL?: string
  OUTBOX_SHARDS?: string
  RETAIN_CONTENT_DAYS?: string
  RETAIN_LOG_DAYS?: string
  MAX_RECIPIENTS?: string
  JURISDICTION?: string
  LOCATION_HINT?: string
  ALLOW_PRIVATE_RELAYS?: string
  SMTP_DEADLINES?: string
  LADDER_STAGGER?: string
  RETRY_SCHEDULE?: string
  AUTH_BACKOFF?: string
  HOLD_AFTER?: string
  SESSION_IDLE?: string
  STORAGE_LIMIT?: string
  HASH_ADDRESSES?: string
  DNS_OVER_HTTPS_URL?: string
  E2EE_PROVIDERS?: string
  SMIME_TRUSTED_ROOTS?: string
  SMIME_INTERMEDIATES?: string
}

/** What the graph needs besides settings; never logged, never answered. */
export interface Secrets {
  /** Null once it was removed: then only keys open the door. */
  adminToken: string | null
  masterKey: Uint8Array<ArrayBuffer>
  previousMasterKeys: Uint8Array<ArrayBuffer>[]
  /** The relay `default`. */
  relayUrl: RelayUrl | null
}

export type SettingsCheck =
  | { settings: Settings; secrets: Secrets; problems?: never }
  | { problems: SettingProblem[]; settings?: never; secrets?: never }

const LOCATION_HINTS = ['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'] as const
const RELAY_REACHES: Record<string, RelayReach | undefined> = {
  0: 'public',
  1: 'private',
  loopback: 'loopback',
}
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Every setting with its default; `.dev.vars.example` says the same, and a test holds both together. */
export function readSettings(env: Partial<Env>): SettingsCheck {
  const read = new SettingReader(env)
  const settings: Settings = {
    publicUrl: read.parsed<string | null>(
      'POSTERN_PUBLIC_URL',
      null,
      parseOrigin,
      'has to be https://host without a path (http:// only for localhost)',
    ),
    outboxShards: read.integer('OUTBOX_SHARDS', 1, 1, SANDBOX_SHARD),
    retainContentDays: read.integer('RETAIN_CONTENT_DAYS', 7, 0, 3650),
    retainLogDays: read.integer('RETAIN_LOG_DAYS', 90, 1, 3650),
    maxRecipients: read.integer('MAX_RECIPIENTS', 50, 1, 1000),
    jurisdiction: read.oneOf('JURISDICTION', ['eu', 'fedramp'] as const),
    locationHint: read.oneOf('LOCATION_HINT', LOCATION_HINTS),
    relayReach: read.parsed<RelayReach>(
      'ALLOW_PRIVATE_RELAYS',
      'public',
      (text) => RELAY_REACHES[text],
      'has to be 1 (on), 0 (off) or loopback',
    ),
    deadlines: durations(read, 'SMTP_DEADLINES', {
      connect: 10_000,
      greeting: 30_000,
      command: 60_000,
      data: 120_000,
      body: 180_000,
      data_end: 600_000,
    }),
    stagger: durations(read, 'LADDER_STAGGER', { connect: 300, greeting: 1000 }),
    retryScheduleMs: durationList(read, 'RETRY_SCHEDULE', [
      MINUTE,
      5 * MINUTE,
      15 * MINUTE,
      HOUR,
      4 * HOUR,
    ]),
    authBackoffMs: durationList(read, 'AUTH_BACKOFF', [15 * MINUTE, HOUR, 4 * HOUR]),
    holdAfterMs: duration(read, 'HOLD_AFTER', 15 * MINUTE),
    sessionIdleMs: duration(read, 'SESSION_IDLE', 10_000),
    storageLimitBytes: read.parsed(
      'STORAGE_LIMIT',
      8e9,
      parseBytes,
      'has to be a size of 1 MB to 10 GB, like 8GB or 500MB',
    ),
    hashAddresses: read.flag('HASH_ADDRESSES'),
    dnsOverHttpsUrl: read.parsed<string | null>(
      'DNS_OVER_HTTPS_URL',
      'https://cloudflare-dns.com/dns-query',
      parseResolver,
      'has to be off, or https://… of a resolver that answers JSON',
    ),
    e2eeProviders: read.parsed<E2eeProviderName[]>(
      'E2EE_PROVIDERS',
      (['smime', 'pgp'] as const).filter(isBuilt),
      parseProviders,
      providersRule(),
    ),
    smimeTrust: {
      roots: certificates(read, 'SMIME_TRUSTED_ROOTS'),
      intermediates: certificates(read, 'SMIME_INTERMEDIATES'),
    },
  }
  const secrets = readSecrets(read, settings.relayReach)
  return secrets && read.problems.length === 0 ? { settings, secrets } : { problems: read.problems }
}

function readSecrets(read: SettingReader, reach: RelayReach): Secrets | undefined {
  const adminToken = read.text('POSTERN_ADMIN_TOKEN') ?? null
  if (adminToken !== null && adminToken.length < 32) {
    read.problem('POSTERN_ADMIN_TOKEN', 'has to have at least 32 characters: openssl rand -hex 32')
  }
  const current = read.text('POSTERN_MASTER_KEY')
  if (current === undefined) {
    read.problem('POSTERN_MASTER_KEY', 'is missing: 32 random bytes, openssl rand -base64 32')
  }
  const masterKey = current === undefined ? undefined : read.key('POSTERN_MASTER_KEY', current)
  const previousMasterKeys = (read.text('POSTERN_MASTER_KEY_PREVIOUS') ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => read.key('POSTERN_MASTER_KEY_PREVIOUS', part.trim()))
    .filter((key) => key !== undefined)
  const relayUrl = readRelayUrl(read, reach)
  return masterKey && { adminToken, masterKey, previousMasterKeys, relayUrl }
}

function readRelayUrl(read: SettingReader, reach: RelayReach): RelayUrl | null {
  const text = read.text('POSTERN_RELAY_URL')
  if (text === undefined) return null
  const relay = parseRelayUrl(text, { allowAnyPort: reach !== 'public' })
  const host = 'host' in relay ? readRelayHost(relay.host, reach) : undefined
  if ('problem' in relay) read.problem('POSTERN_RELAY_URL', relay.problem)
  else if (host && 'problem' in host) {
    read.problem('POSTERN_RELAY_URL', `the host ${host.problem}`)
  } else return relay
  return null
}

function durations<T extends { [name in keyof T]: number }>(
  read: SettingReader,
  setting: string,
  defaults: T,
): T {
  const names = Object.keys(defaults).join(', ')
  const parse = (text: string) => parseDurations(text, defaults)
  return read.parsed(setting, defaults, parse, `has to be parts like name=10s, of ${names}`)
}

function durationList(read: SettingReader, setting: string, fallback: number[]): number[] {
  return read.parsed(setting, fallback, parseDurationList, 'has to be durations like 1m,5m,1h')
}

function duration(read: SettingReader, setting: string, fallback: number): number {
  const parse = (text: string) => parseDuration(text) || undefined
  return read.parsed(setting, fallback, parse, 'has to be a duration like 10s or 15m')
}

function certificates(read: SettingReader, setting: string): Uint8Array[] {
  return read.parsed(setting, [], parseCertificates, 'has to be certificates in PEM')
}

/** DER of each; what stands between them, and line ends written as \\n, are taken as OpenSSL and shells leave them. */
function parseCertificates(text: string): Uint8Array[] | undefined {
  const blocks = text.replaceAll('\\n', '\n').split(/(?=-----BEGIN )/)
  try {
    const pems = blocks.filter((block) => block.startsWith('-----BEGIN '))
    const all = pems.map((pem) => new Uint8Array(new X509Certificate(pem).raw))
    return all.length > 0 ? all : undefined
  } catch {
    return undefined
  }
}

function parseOrigin(text: string): string | undefined {
  const url = URL.parse(text)
  if (url?.pathname !== '/' || url.search || url.hash || url.username || url.password) {
    return undefined
  }
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || (local && url.protocol === 'http:') ? url.origin : undefined
}

function parseResolver(text: string): string | null | undefined {
  if (text === 'off') return null
  const read = readOutsideUrl(text, 'private')
  return 'url' in read ? read.url : undefined
}

function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,12})\s?(B|KB|MB|GB)?$/i.exec(text)
  const unit = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[match?.[2]?.toUpperCase() ?? 'B'] ?? Number.NaN
  const bytes = Number(match?.[1]) * unit
  return bytes >= 1e6 && bytes <= 1e10 ? bytes : undefined
}
