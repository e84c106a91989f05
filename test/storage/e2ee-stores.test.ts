import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Identity, IdentitySigner } from '../../src/ports/e2ee-stores.ts'
import { createIdentityStore } from '../../src/storage/e2ee-identity-store.ts'
import { createE2eeKeyStore } from '../../src/storage/e2ee-key-store.ts'
import { useD1 } from '../support/d1.ts'
import { identityRow, keyRecord } from '../support/e2ee-rows.ts'

const database = useD1()
const clock = { at: 1000, now: () => clock.at }
let keys: ReturnType<typeof createE2eeKeyStore>
let identities: ReturnType<typeof createIdentityStore>

beforeEach(() => {
  keys = createE2eeKeyStore(database.db, clock)
  identities = createIdentityStore(database.db, clock)
})

describe('keys', () => {
  test('come back as they were put', async () => {
    const record = keyRecord({ not_after: 5, capabilities: ['a'], bound_to: 'cy@example.org' })
    expect(await keys.put(record, null)).toBe(true)
    expect(await keys.get(record.ref)).toEqual(record)
    expect(await keys.byFingerprint('smime', record.fingerprint)).toEqual([record])
    expect(await keys.byFingerprint('pgp-mime', record.fingerprint)).toEqual([])
    expect(await keys.get('ek_other')).toBeNull()
  })

  test('are found by each address they name and the one they are bound to, in any case', async () => {
    const addresses = ['Bo@example.net', 'bo@xn--mnchen-3ya.example']
    const record = keyRecord({ addresses, bound_to: 'cy@example.org' })
    await keys.put(record, null)
    for (const address of ['bo@Example.net', 'bo@münchen.example', 'CY@example.org'])
      expect(await keys.find(address), address).toEqual([record])
    expect(await keys.find('eve@example.net')).toEqual([])
    const changed = { ...record, addresses: ['new@example.net'], bound_to: null, version: 2 }
    expect(await keys.put(changed, 1)).toBe(true)
    expect(await keys.find('cy@example.org')).toEqual([])
    expect(await keys.find('new@example.net')).toEqual([changed])
    expect(await keys.delete(record.ref)).toBe(true)
    expect(await keys.delete(record.ref)).toBe(false)
    expect(await keys.find('new@example.net')).toEqual([])
    expect(await database.dump()).not.toContain(record.ref)
  })

  test('of two writers on one version the second changes nothing, its addresses neither', async () => {
    const record = keyRecord()
    await keys.put(record, null)
    expect(await keys.put({ ...record, trust: 'pinned', version: 2 }, 1)).toBe(true)
    const late = { ...record, addresses: ['late@example.net'], version: 2 }
    expect(await keys.put(late, 1)).toBe(false)
    expect(await keys.get(record.ref)).toMatchObject({ trust: 'pinned', version: 2 })
    expect(await keys.find('late@example.net')).toEqual([])
    expect(await keys.find('bo@example.net')).toHaveLength(1)
    expect(await keys.put(keyRecord(), 1)).toBe(false)
  })

  test('there is one for each fingerprint and binding', async () => {
    const { ref: _, ...same } = keyRecord()
    expect(await keys.put(keyRecord(same), null)).toBe(true)
    expect(await keys.put(keyRecord(same), null)).toBe(false)
    const bound = keyRecord({ ...same, bound_to: 'cy@example.org' })
    expect(await keys.put(bound, null)).toBe(true)
    expect(await keys.put({ ...bound, bound_to: null, version: 2 }, 1)).toBe(false)
    expect(await keys.get(bound.ref)).toEqual(bound)
  })

  test('are listed from the newest on, and by address', async () => {
    const made = [1, 2, 3, 4].map((age) => keyRecord({ first_seen: age, ref: `ek_${age}` }))
    for (const record of made) await keys.put(record, null)
    await keys.put(keyRecord({ first_seen: 9, ref: 'ek_9', addresses: ['cy@example.org'] }), null)
    const page = async (options: Partial<Parameters<typeof keys.list>[0]>) => {
      const { data, has_more } = await keys.list({ limit: 2, ...options })
      return [data.map(({ ref }) => ref), has_more]
    }
    expect(await page({})).toEqual([['ek_9', 'ek_4'], true])
    expect(await page({ address: 'BO@example.net' })).toEqual([['ek_4', 'ek_3'], true])
    const after = { ref: 'ek_3', first_seen: 3 }
    expect(await page({ address: 'bo@example.net', after })).toEqual([['ek_2', 'ek_1'], false])
    expect(await page({ before: after })).toEqual([['ek_4', 'ek_9'], false])
  })

  test('a cached one is read again after a write, and by whoever wants it fresh', async () => {
    const record = keyRecord()
    expect(await keys.find('bo@example.net')).toEqual([])
    await keys.put(record, null)
    expect(await keys.find('bo@example.net')).toEqual([record])
    const elsewhere = createE2eeKeyStore(database.db, clock)
    await elsewhere.delete(record.ref)
    expect(await keys.find('bo@example.net')).toEqual([record])
    expect(await keys.find('bo@example.net', { fresh: true })).toEqual([])
  })

  test('larger ones than 64 KiB are refused', async () => {
    await keys.put(keyRecord({ material: randomBytes(65_536) }), null)
    const larger = keyRecord({ material: randomBytes(65_537) })
    await expect(keys.put(larger, null)).rejects.toThrow('CHECK')
  })
})

describe('identities', () => {
  const http: IdentitySigner = {
    kind: 'http',
    url: 'https://signer.example.com/',
    key: 'k',
    algorithms: ['ed25519'],
    sealed_token: 'v1.a.b',
  }

  test.each<Partial<Identity>>([{}, { signer: http }])(
    'come back as they were put',
    async (part) => {
      const identity = identityRow(part)
      await identities.put(identity)
      expect(await identities.get('ada')).toEqual(identity)
      expect(await identities.find('ada@EXAMPLE.com')).toEqual([identity])
      expect(await identities.list()).toEqual([identity])
    },
  )

  test('a later one replaces all of it', async () => {
    await identities.put(identityRow())
    const later = identityRow({ addresses: ['bo@example.com'], signer: http, updated_at: 2000 })
    await identities.put(later)
    expect(await identities.find('ada@example.com')).toEqual([])
    expect(await identities.find('bo@example.com')).toEqual([later])
    expect(await identities.delete('ada')).toBe(true)
    expect(await identities.delete('ada')).toBe(false)
    expect(await identities.find('bo@example.com')).toEqual([])
  })

  test('a seal is replaced only by whoever knows it', async () => {
    await identities.put(identityRow({ signer: http }))
    expect(await identities.reseal('ada', 'v1.other.b', 'v1.new.b')).toBe(false)
    expect(await identities.reseal('ada', 'v1.a.b', 'v1.new.b')).toBe(true)
    const signer = { ...http, sealed_token: 'v1.new.b' }
    expect((await identities.get('ada'))?.signer).toEqual(signer)
  })
})
