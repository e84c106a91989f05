import { decrypt, readKey, readMessage } from 'openpgp'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseHeader, unfold } from '../../src/mime/header.ts'
import {
  armorIn,
  type Identity,
  type KeyKind,
  KINDS,
  makeIdentity,
  PAYLOAD,
  protect,
  signerOf,
  to,
} from '../support/pgp-identity.ts'
import { opened, verified } from '../support/pgp-reader.ts'

const GOSSIP = { profile: 'compatible', gossip: true } as const
let bo: Identity
let cy: Identity

beforeAll(async () => {
  bo = await makeIdentity('bo@example.net')
  cy = await makeIdentity('cy@example.org', 'P-256 v4')
})

const read = (value = '') => {
  const [, addr, data] = /^addr=([^;]+); keydata=\s*([A-Za-z0-9+/= ]+)$/.exec(value) ?? []
  return { addr, keydata: Buffer.from(data ?? '', 'base64') }
}

const gossipIn = (entity: string) =>
  parseHeader(Buffer.from(entity.slice(0, entity.indexOf('\r\n\r\n') + 4), 'latin1'))
    .filter(({ key }) => key === 'autocrypt-gossip')
    .map((field) => read(unfold(field)))

describe.each(Object.keys(KINDS) as KeyKind[])('Autocrypt of %s', (kind) => {
  test('has the one key that signs, as small as can be, whatever the operation', async () => {
    const userIDs = ['other@example.com', 'Ada@example.com'].map((email) => ({ email }))
    const subkeys = [{ sign: true }, {}]
    const ada = await makeIdentity('Ada@example.com', kind, { userIDs, subkeys })
    const signer = await signerOf(ada)
    const signed = await protect({ operation: 'sign', ...signer })
    const both = await protect({ operation: 'sign+encrypt', recipients: to(bo), ...signer })
    expect(both.outer).toEqual(signed.outer)
    const [[name, value] = [], more] = signed.outer
    expect([name, more]).toEqual(['Autocrypt', undefined])
    expect(value?.length).toBeLessThan(10 * 1024)
    const { addr, keydata } = read(value)
    expect(addr).toBe('Ada@example.com')
    const key = await readKey({ binaryKey: keydata })
    expect(key.getFingerprint()).toBe(ada.record.fingerprint)
    expect(key.getUserIDs()).toEqual(['<Ada@example.com>'])
    expect(key.subkeys.map((each) => each.getFingerprint())).toEqual([
      ada.key.subkeys[1]?.getFingerprint(),
    ])
    expect(key.isPrivate()).toBe(false)
    await key.getEncryptionKey()
  })
})

describe('there is no Autocrypt', () => {
  test.each([
    ['where nobody signs', {}, {}],
    ['for a key that names another address', { address: 'eve@example.com' }, {}],
    ['for a key that can not be encrypted to', {}, { subkeys: [] }],
  ])('%s', async (why, part, options) => {
    const { signer } = await signerOf(await makeIdentity('ada@example.com', 'P-256 v4', options))
    const job = why.includes('nobody')
      ? { recipients: to(bo) }
      : { operation: 'sign' as const, signer: { ...signer, ...part } }
    expect((await protect(job)).outer).toEqual([])
  })
})

describe('gossip', () => {
  test('tells the recipients of a copy of one another, inside', async () => {
    const made = await protect({ recipients: to(bo, cy), selfKeys: [], preferences: GOSSIP })
    const entity = await opened(armorIn(made), bo)
    const told = gossipIn(entity)
    expect(told.map(({ addr }) => addr)).toEqual(['bo@example.net', 'cy@example.org'])
    for (const [index, { record }] of [bo, cy].entries()) {
      const key = await readKey({ binaryKey: told[index]?.keydata ?? new Uint8Array(0) })
      expect(key.getFingerprint()).toBe(record.fingerprint)
    }
    expect(entity.endsWith(PAYLOAD.toString('latin1'))).toBe(true)
    expect(entity).not.toMatch(/(?<!\r)\n|[^\r\n]{79}/)
    expect(made.octets.includes('Autocrypt')).toBe(false)
  })

  test('stands in the root of what is encrypted, around what is signed', async () => {
    const signer = await signerOf(cy)
    const recipients = to(bo, cy)
    const job = { operation: 'sign+encrypt' as const, recipients, preferences: GOSSIP, ...signer }
    const entity = await opened(armorIn(await protect(job)), bo)
    expect(gossipIn(entity)).toHaveLength(2)
    expect((await verified(entity, cy)).content).toBe(PAYLOAD.toString('latin1'))
  })

  test.each([
    ['one recipient', true, () => to(bo)],
    ['the same address twice', true, () => to(bo, bo)],
    ['nobody wants it', false, () => to(bo, cy)],
  ])('is left out: %s', async (_why, gossip, recipients) => {
    const preferences = { ...GOSSIP, gossip }
    const job = { recipients: recipients(), selfKeys: [cy.record], preferences }
    const entity = await opened(armorIn(await protect(job)), bo)
    expect(entity).toBe(PAYLOAD.toString('latin1'))
  })

  test('names a key that is bound to an address by that address', async () => {
    const bound = { address: 'team@example.net', keys: [bo.record] }
    const made = await protect({ recipients: [bound, ...to(cy)], preferences: GOSSIP })
    const message = await readMessage({ armoredMessage: armorIn(made) })
    const { data } = await decrypt({ message, decryptionKeys: bo.key, format: 'binary' })
    const [first] = gossipIn(Buffer.from(data as Uint8Array).toString('latin1'))
    expect(first?.addr).toBe('team@example.net')
  })
})
