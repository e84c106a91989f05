/** The secrets of a trigger's source: read, kept or made anew, and sealed. */

import { sealAad } from '../domain/seal.ts'
import { newSourceSecret } from '../domain/source/new-secret.ts'
import { readSourceSecrets } from '../domain/source/read-secrets.ts'
import type { SourceConfig } from '../domain/source/source.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import type { Sealer } from '../ports/control-plane.ts'
import type { Violations } from './violations.ts'

/** A seal opens for the trigger and the kind of source it was made for. */
export function secretsAad({ id, source }: Pick<StoredTrigger, 'id' | 'source'>): string {
  return sealAad('triggers', id, 'secrets', source.type)
}

/** @throws SealError where no key opens them */
export async function openSecrets(sealer: Sealer, trigger: StoredTrigger): Promise<string[]> {
  if (trigger.sealed_secrets === null) return []
  return JSON.parse(await sealer.open(trigger.sealed_secrets, secretsAad(trigger)))
}

export async function sealSecrets(
  sealer: Sealer,
  trigger: Pick<StoredTrigger, 'id' | 'source'>,
  secrets: string[],
): Promise<Pick<StoredTrigger, 'sealed_secrets' | 'secret_count'>> {
  const sealed =
    secrets.length === 0 ? null : await sealer.seal(JSON.stringify(secrets), secretsAad(trigger))
  return { sealed_secrets: sealed, secret_count: secrets.length }
}

/** Those given; else those it has, where the kind of source is the same; else a new one, to be shown once. */
export async function chooseSecrets(
  sealer: Sealer,
  known: StoredTrigger | null,
  source: SourceConfig,
  given: string[] | undefined,
  violations: Violations,
): Promise<{ secrets: string[]; made: string | null }> {
  const kept = known && known.source.type === source.type ? await openSecrets(sealer, known) : []
  const made = given || kept.length > 0 ? null : newSourceSecret(source)
  const secrets = given ?? (made === null ? kept : [made])
  return { secrets: readSourceSecrets(source, secrets, '/secrets', violations.list), made }
}
