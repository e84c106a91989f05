/** The jobs of the kit: fixed but for keys, with a payload that counts how it is read. */

import { randomBytes } from 'node:crypto'
import type {
  KeyRecord,
  Payload,
  ProtectedEntity,
  ProtectJob,
  ProtectOperation,
  ProviderContext,
  SignInput,
} from '../src/ports/e2ee-provider.ts'
import type { Fixture, Person } from './fixture.ts'

/** Stands in every payload, and nowhere in what is encrypted. */
export const MARKER = 'the-marker-of-the-kit'

/** What is hard on the way: an empty line in front, a line of 998 octets, dashes, a dot, no blank at a line's end. */
export const ENTITY = [
  'Content-Type: text/plain; charset=us-ascii; hp="cipher"',
  'Subject: A subject',
  '',
  '',
  MARKER,
  `=46rom ${'x'.repeat(991)}`,
  '--boundary',
  '--',
  '.',
  '',
].join('\r\n')

export interface CountedPayload extends Payload {
  opened: number
  /** Octets of the pass that was begun last. */
  read: number
}

export interface PayloadOptions {
  text?: string
  sized?: boolean
  /** Octets of a chunk. */
  chunk?: number
  /** Throws this after the first chunk. */
  fault?: Error
  onChunk?: () => void
}

export function payloadOf(options: PayloadOptions = {}): CountedPayload {
  const { text = ENTITY, sized = false, chunk = 100, fault, onChunk } = options
  const octets = Buffer.from(text, 'latin1')
  const payload: CountedPayload = {
    size: sized ? octets.length : null,
    opened: 0,
    read: 0,
    async *open() {
      payload.opened++
      payload.read = 0
      for (let at = 0; at < octets.length; at += chunk) {
        const part = octets.subarray(at, at + chunk)
        payload.read += part.length
        yield new Uint8Array(part)
        onChunk?.()
        if (fault) throw fault
      }
    },
  }
  return payload
}

export async function recordOf(fixture: Fixture, person: Person): Promise<KeyRecord> {
  const [facts] = await fixture.provider.inspect(person.material)
  if (!facts) throw new Error(`inspect found no key of ${person.address}`)
  const { uses: _, ...rest } = facts
  return {
    ...rest,
    ref: `key_${facts.fingerprint.slice(0, 16)}`,
    bound_to: null,
    source: 'upload',
    trust: 'verified',
    first_seen: 0,
    refreshed_at: 0,
    version: 1,
  }
}

export interface Tried {
  job: ProtectJob
  /** Of everybody it is encrypted to. */
  keys: KeyRecord[]
}

/** A whole job for an operation, with two recipients and the sender's own key where it encrypts. */
export async function jobFor(
  fixture: Fixture,
  operation: ProtectOperation,
  change: Partial<ProtectJob> = {},
): Promise<Tried> {
  const { sender, recipients = [] } = fixture
  const encrypts = operation !== 'sign'
  const to = encrypts
    ? await Promise.all(
        recipients.slice(0, 2).map(async (person) => ({
          address: person.address,
          keys: [await recordOf(fixture, person)],
        })),
      )
    : []
  const signs = operation !== 'encrypt' && sender !== undefined
  const publicKey = sender && (await recordOf(fixture, sender))
  const job: ProtectJob = {
    operation,
    payload: payloadOf(),
    ...(signs &&
      publicKey && {
        signer: {
          address: sender.address,
          signer: sender.signer,
          publicKey,
          chain: (sender.chain ?? []).map((material) => ({ ...publicKey, material })),
        },
      }),
    recipients: to,
    selfKeys: [],
    hideKeyIds: false,
    preferences: { profile: 'compatible', gossip: false },
    now: Date.now(),
    random: (octets) => new Uint8Array(randomBytes(octets)),
    abort: new AbortController().signal,
    ...change,
  }
  return { job, keys: job.recipients.flatMap(({ keys }) => keys) }
}

/** Collects what a provider logs. */
export function contextFor(fixture: Fixture): ProviderContext & { logged: string[] } {
  const kept = new Map<string, unknown>()
  const logged: string[] = []
  return {
    logged,
    log: (event) => void logged.push(JSON.stringify(event)),
    outside:
      fixture.outside ?? (async () => ({ problem: 'unreachable', detail: 'nobody is out there' })),
    cache: { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) },
    limits: { maxBytes: 60 * 1024 * 1024, kdfRounds: 100_000 },
  }
}

export interface Protected {
  entity: ProtectedEntity
  body: Buffer
}

/** Protects and reads to the end. */
export async function protect(
  fixture: Fixture,
  job: ProtectJob,
  context: ProviderContext = contextFor(fixture),
): Promise<Protected> {
  const entity = await fixture.provider.protect(job, context)
  const parts: Uint8Array[] = []
  // Copied: a provider may use a buffer again.
  for await (const part of entity.body) parts.push(Uint8Array.from(part))
  return { entity, body: Buffer.concat(parts) }
}

/** A signer that fails in the way given. */
export function failingSigner(job: ProtectJob, fault: Error): ProtectJob {
  if (!job.signer) return job
  const { signer } = job.signer
  const sign = async (_algorithm: string, _input: SignInput) => Promise.reject(fault)
  const { keyRef, algorithms } = signer
  return { ...job, signer: { ...job.signer, signer: { keyRef, algorithms, sign } } }
}
