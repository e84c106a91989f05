/** One copy of a message, signed and encrypted as it was planned: by the provider, from and into the core's own forms. */

import { describeError } from '../domain/describe-error.ts'
import { isProtectionError, ProtectionError } from '../domain/protection-error.ts'
import { assemble, type OutgoingMessage } from '../mime/protect/assemble.ts'
import { protectable } from '../mime/protect/protectable.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  E2eeProvider,
  JobSigner,
  ProtectedEntity,
  ProtectJob,
  ProviderContext,
} from '../ports/e2ee-provider.ts'
import type { CopyProtection } from '../ports/outbox.ts'
import type { PlannedCopy } from '../ports/protection-plan.ts'
import { MAKING_MS, type MakingCopies } from './making-copies.ts'
import { openSigner, type SignerDeps } from './open-signer.ts'
import { chainOf, signingKeyOf } from './own-key.ts'

export interface ProtectDeps extends SignerDeps {
  clock: Clock
  providerContext: Omit<ProviderContext, 'log' | 'limits'>
  logLine(line: Record<string, unknown>): void
}

export type CopyPlan = NonNullable<PlannedCopy['protect']>

export interface ProtectedCopy extends OutgoingMessage {
  protection: CopyProtection
}

/** Twice base64 and its lines make 1.9 times of 30 MiB. */
const LIMIT_OCTETS = 60 * 1024 * 1024
/** All that the platform derives with. */
const KDF_ROUNDS = 100_000

/**
 * The header to send, and the body as it is read. Whatever fails, now or while it is read, fails with ProtectionError.
 * @throws ProtectionError
 */
export async function protectCopy(
  deps: ProtectDeps,
  content: { header: Uint8Array; open(): AsyncIterable<Uint8Array> },
  plan: CopyPlan,
  from: string,
  making: MakingCopies,
): Promise<ProtectedCopy> {
  const { operation, protocol, policy } = plan
  const { outer, payload } = protectable(content, {
    operation,
    confidentiality: policy.headers,
    legacyDisplay: policy.legacy_display,
  })
  const { provider } = await deps.e2ee.load(protocol)
  const { abort } = making
  const fail = (error: unknown) => (abort.aborted ? tooSlow(plan) : failure(deps, provider, error))
  try {
    const job = { ...(await jobOf(deps, provider, plan, { from, making })), payload, abort }
    const entity = await provider.protect(job, contextOf(deps))
    refuseWrongOperation(provider, operation, entity)
    const { header, body, size } = assemble(outer, entity, LIMIT_OCTETS)
    return {
      header,
      body: failing(body, fail),
      ...(size === undefined ? {} : { size }),
      protection: reported(plan, entity),
    }
  } catch (error) {
    throw fail(error)
  }
}

async function jobOf(
  deps: ProtectDeps,
  provider: E2eeProvider,
  { operation, identity, keys, selfKeys, policy }: CopyPlan,
  { from, making }: { from: string; making: MakingCopies },
): Promise<Omit<ProtectJob, 'payload' | 'abort'>> {
  let signer: JobSigner | undefined
  if (operation !== 'encrypt') {
    if (!identity) throw new ProtectionError('signer.not_configured', undefined, { address: from })
    signer = {
      address: from,
      signer: making.shared(await openSigner(deps, identity)),
      publicKey: signingKeyOf(identity),
      chain: await chainOf(provider, identity),
    }
  }
  return {
    operation,
    ...(signer && { signer }),
    recipients: keys,
    selfKeys,
    hideKeyIds: policy.hide_key_ids,
    preferences: { profile: policy.profile, gossip: policy.gossip },
    now: making.now,
    random: (octets) => crypto.getRandomValues(new Uint8Array(octets)),
  }
}

function contextOf({ providerContext, logLine }: ProtectDeps): ProviderContext {
  return {
    ...providerContext,
    log: (event) => logLine({ type: 'e2ee.provider', ...event }),
    limits: { maxBytes: LIMIT_OCTETS, kdfRounds: KDF_ROUNDS },
  }
}

/** A provider that says it encrypted to nobody, or signed with nothing, didn't do what it was asked. */
function refuseWrongOperation(
  { id }: E2eeProvider,
  operation: ProtectJob['operation'],
  { report }: ProtectedEntity,
): void {
  const isEncrypted = report.recipientKeys.length > 0
  const isSigned = report.signerKey !== undefined
  if (isEncrypted === (operation !== 'sign') && isSigned === (operation !== 'encrypt')) return
  throw new ProtectionError('provider.failed', `${id} did not ${operation}`, { provider: id })
}

function reported({ operation, protocol }: CopyPlan, { report }: ProtectedEntity): CopyProtection {
  return {
    operation,
    protocol,
    cipher: report.cipher ?? null,
    signature: report.signature ?? null,
    signer_key: report.signerKey ?? null,
    recipient_keys: report.recipientKeys,
    warnings: report.warnings,
  }
}

/** The clock stands still while the platform computes: what takes so long is waited for. */
function tooSlow({ identity, protocol }: CopyPlan): ProtectionError {
  const within = `within ${MAKING_MS / 1000} s`
  return identity?.signer.kind === 'http'
    ? new ProtectionError('signer.unavailable', `${identity.id} did not sign ${within}`)
    : new ProtectionError('platform.limit', `${protocol} was not done ${within}`)
}

function failure(deps: ProtectDeps, { id }: E2eeProvider, error: unknown): ProtectionError {
  if (isProtectionError(error)) return error
  deps.logLine({ type: 'e2ee.provider_failed', provider: id, ...describeError(error) })
  return new ProtectionError('provider.failed', `the provider ${id} failed`, {
    provider: id,
    cause: error,
  })
}

async function* failing(
  body: AsyncIterable<Uint8Array>,
  fail: (error: unknown) => ProtectionError,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* body
  } catch (error) {
    throw fail(error)
  }
}
