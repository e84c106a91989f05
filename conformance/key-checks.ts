/** Rules about describe, inspect and assess. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { E2EE_CODES } from '../src/domain/e2ee-code.ts'
import type { KeyRecord, KeyUse, Verdict } from '../src/ports/e2ee-provider.ts'
import { type Check, expectFailure, OPERATIONS } from './check.ts'
import type { Fixture, Person } from './fixture.ts'
import { recordOf } from './job.ts'

const DAY = 86_400_000
const USES: KeyUse[] = ['encrypt', 'sign']

const people = ({ sender, recipients = [] }: Fixture): Person[] => [
  ...recipients,
  ...(sender ? [sender] : []),
]
const needsKeys = (fixture: Fixture) =>
  people(fixture).length > 0 ? undefined : 'there are no keys'

const garbage = (): Record<string, Uint8Array> => ({
  nothing: new Uint8Array(),
  'one octet': Uint8Array.of(0),
  noise: randomBytes(1000),
  'a page': Buffer.from('<!doctype html><title>Not found</title>\n'),
  'an empty block': Buffer.from('-----BEGIN KEY-----\n\n-----END KEY-----\n'),
})

function expectVerdict(verdict: Verdict): void {
  if (verdict.usable) {
    assert.ok(Array.isArray(verdict.warnings), 'warnings is no list')
  } else {
    assert.ok(Object.hasOwn(E2EE_CODES, verdict.code), `${verdict.code} is no code`)
    assert.ok(verdict.detail.length > 0, 'a refusal says nothing in its detail')
  }
}

export const KEY_CHECKS: Check[] = [
  {
    rule: 'it has an id, a protocol and apiVersion 1',
    async run({ provider }) {
      assert.match(provider.id, /^[a-z][a-z0-9-]*$/, `id is ${provider.id}`)
      assert.ok(provider.protocol.length > 0, 'protocol is empty')
      assert.equal(provider.apiVersion, 1, `apiVersion is ${provider.apiVersion}`)
    },
  },
  {
    rule: 'describe says the same always, of operations that there are',
    async run({ provider }) {
      const said = provider.describe()
      assert.deepEqual(provider.describe(), said, 'the second answer differs')
      for (const operation of said.operations) assert.ok(OPERATIONS.includes(operation), operation)
      const signs = said.operations.some((operation) => operation !== 'encrypt')
      assert.equal(said.signers.length > 0, signs, 'signers are named where it signs')
    },
  },
  {
    rule: 'inspect refuses what is no key with key.malformed',
    async run({ provider }) {
      for (const [what, octets] of Object.entries(garbage()))
        await expectFailure(what, provider.inspect(octets), 'key.malformed')
    },
  },
  {
    rule: 'inspect tells whose a key is, and gives it alone in binary form',
    skip: needsKeys,
    async run(fixture) {
      for (const { address, material } of people(fixture)) {
        const [facts, ...others] = await fixture.provider.inspect(material)
        assert.ok(facts && others.length === 0, `${address}: not one key`)
        assert.equal(facts.protocol, fixture.provider.protocol, `protocol is ${facts.protocol}`)
        assert.match(facts.fingerprint, /^[0-9a-f]{32,}$/, `fingerprint is ${facts.fingerprint}`)
        const at = address.lastIndexOf('@')
        const canonical = address.slice(0, at) + address.slice(at).toLowerCase()
        assert.ok(
          facts.addresses.includes(canonical),
          `${canonical}: not among its addresses, [${facts.addresses}]`,
        )
        assert.ok(facts.uses.length > 0, `${address}: it serves no use`)
        const [again] = await fixture.provider.inspect(facts.material)
        assert.deepEqual(again, facts, `${address}: its material says something else`)
      }
    },
  },
  {
    rule: 'assess gives a verdict of every key, and never throws',
    async run(fixture) {
      const [person] = people(fixture)
      const real = person && (await recordOf(fixture, person))
      const blank: KeyRecord = {
        ref: 'key_1',
        protocol: fixture.provider.protocol,
        fingerprint: '00'.repeat(20),
        addresses: [],
        material: new Uint8Array(),
        not_before: null,
        not_after: null,
        capabilities: [],
        bound_to: null,
        source: 'upload',
        trust: 'verified',
        first_seen: 0,
        refreshed_at: 0,
        version: 1,
      }
      for (const [what, material] of Object.entries(garbage())) {
        for (const use of USES) {
          const verdict = await fixture.provider.assess(
            { ...(real ?? blank), material },
            use,
            Date.now(),
          )
          expectVerdict(verdict)
          assert.ok(!verdict.usable, `${what} is called usable`)
        }
      }
      if (!real) return
      for (const material of [real.material.subarray(0, real.material.length >> 1)])
        expectVerdict(await fixture.provider.assess({ ...real, material }, 'encrypt', Date.now()))
    },
  },
  {
    rule: 'assess takes the keys of the fixture within their time, and not outside of it',
    skip: needsKeys,
    async run(fixture) {
      const { provider, sender } = fixture
      for (const person of people(fixture)) {
        const key = await recordOf(fixture, person)
        const use = person === sender ? 'sign' : 'encrypt'
        const now = await provider.assess(key, use, Date.now())
        assert.ok(now.usable, `${person.address} now: ${JSON.stringify(now)}`)
        if (key.not_after !== null) {
          const later = await provider.assess(key, use, key.not_after + DAY)
          assert.ok(!later.usable && later.code === 'key.expired', 'later: not key.expired')
        }
        if (key.not_before !== null) {
          const earlier = await provider.assess(key, use, key.not_before - DAY)
          assert.ok(!earlier.usable && earlier.code === 'key.not_yet_valid', 'earlier: usable')
        }
      }
    },
  },
]
