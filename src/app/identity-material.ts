/** What a request gives an identity to sign with: read, unlocked and judged, so that nothing unusable is stored. */

import type { E2eeCode } from '../domain/e2ee-code.ts'
import { ProtectionError } from '../domain/protection-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyFacts, KeyUse, Protocol } from '../ports/e2ee-provider.ts'
import type { LocalKey, ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { SignAlgorithm } from '../ports/signer.ts'
import { guarded, loadProvider } from './load-provider.ts'
import { verdictOn } from './public-key-document.ts'
import { newKeyRecord } from './public-key-record.ts'
import { eachProtocol, readPublicKeys, refusal, refusePkcs12 } from './read-keys.ts'

export interface MaterialWork {
  e2ee: ProviderRegistry
  clock: Clock
}

/** @throws PosternError of a code of E2EE_CODES */
export async function readLocalKey(
  work: MaterialWork,
  {
    private_key,
    certificate = '',
    passphrase = null,
  }: {
    private_key: string
    certificate?: string
    passphrase?: string | null
  },
  protocols: readonly Protocol[],
): Promise<LocalKey> {
  refusePkcs12(
    private_key,
    '/private_key',
    '`npm run import-pkcs12 -- FILE --id ID` opens it on your machine and gives its key to the gateway',
  )
  const material = new TextEncoder().encode(`${private_key.trimEnd()}\n${certificate}`)
  const [key] = await eachProtocol(
    work.e2ee,
    material,
    '/private_key',
    protocols,
    async ({ localKeys, provider }) => {
      if (localKeys) return await localKeys.read(material, passphrase)
      throw new ProtectionError('key.malformed', `${provider.id} takes no private keys`)
    },
  )
  return key as LocalKey
}

/** Of certificates without a private key the first that signs; the others are taken for its issuers. */
export async function readSigningCertificate(
  work: MaterialWork,
  text: string,
  protocols: readonly Protocol[],
): Promise<Omit<LocalKey, 'secret'>> {
  const all = await readPublicKeys(work.e2ee, text, '/certificate', protocols)
  const certificate =
    all.find(({ uses, addresses }) => uses.includes('sign') && addresses.length > 0) ?? all[0]
  if (!certificate) throw refusal('key.malformed', 'there is no certificate in it', '/certificate')
  const others = all.filter((one) => one !== certificate && one.protocol === certificate.protocol)
  return { certificate, chain: others.map(({ material }) => material) }
}

/** Keys for the sender's own copy: each has to take encryption. */
export async function readSelfKeys(
  work: MaterialWork,
  texts: readonly string[],
  protocol: Protocol,
): Promise<Uint8Array[]> {
  const read: Uint8Array[] = []
  for (const [index, text] of texts.entries()) {
    const pointer = `/self/${index}`
    for (const facts of await readPublicKeys(work.e2ee, text, pointer, [protocol])) {
      await assertServes(work, facts, 'encrypt', { pointer })
      read.push(facts.material)
    }
  }
  return read
}

/** @throws PosternError of the verdict's code; `signer.expired` where it is the sender's own */
export async function assertServes(
  work: MaterialWork,
  facts: KeyFacts,
  use: KeyUse,
  { pointer, chain = [] }: { pointer: string; chain?: readonly Uint8Array[] },
): Promise<void> {
  const key = newKeyRecord(facts, { source: 'admin', trust: 'verified', at: work.clock.now() })
  const verdict = await verdictOn(work, key, use, chain)
  if (verdict.usable) return
  const code = verdict.code as E2eeCode
  const own = use === 'sign' && code === 'key.expired'
  throw refusal(own ? 'signer.expired' : code, verdict.detail ?? code, pointer)
}

/** @throws PosternError `signer.unusable` where the key of the certificate can't do what the service is said to do with it */
export async function assertFits(
  { e2ee }: MaterialWork,
  algorithms: readonly SignAlgorithm[],
  { protocol, material }: KeyFacts,
): Promise<void> {
  const provider = await loadProvider(e2ee, protocol)
  if (!provider.signsWith) return
  const ask = async () => (await provider.signsWith?.(material)) ?? []
  const fitting: readonly string[] = await guarded(ask, protocol, provider.id)
  const unfit = algorithms.findIndex((algorithm) => !fitting.includes(algorithm))
  if (unfit < 0) return
  const can = fitting.length > 0 ? `signs with ${fitting.join(', ')}` : 'does not sign'
  const detail = `${algorithms[unfit]} does not fit: the key of the certificate ${can}`
  throw refusal('signer.unusable', detail, `/signer/algorithms/${unfit}`)
}
