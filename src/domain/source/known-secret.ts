/** Secrets that are said instead of signed with. */

import { equalHashes } from '../api-key.ts'
import { sha256 } from '../sha256.ts'

/** It is one of these, compared as hashes and with all of them, so that time tells nothing. */
export async function isKnownSecret(said: string, secrets: readonly string[]): Promise<boolean> {
  const hash = await sha256(said)
  const verdicts = secrets.map(async (secret) => equalHashes(hash, await sha256(secret)))
  return (await Promise.all(verdicts)).includes(true)
}
