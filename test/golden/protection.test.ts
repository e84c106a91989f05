/** What follows from every fault of a key, as a text that reviewers read. `UPDATE_GOLDEN=1 npx vitest run test/golden` writes it anew. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Discovered } from '../../src/app/discover-keys.ts'
import { planProtection } from '../../src/app/plan-protection.ts'
import { E2EE_CODES, type E2eeCode } from '../../src/domain/e2ee-code.ts'
import type { MissingKey, Wish } from '../../src/domain/e2ee-policy.ts'
import {
  NOW,
  type ToyKey,
  toyMaterial,
  toyRecord,
  toyText,
  toyWorld,
  type World,
} from '../support/toy-protection.ts'

const FILE = join(import.meta.dirname, 'protection.txt')
const BO = 'bo@example.net'
const MISSING: MissingKey[] = [
  'reject-all',
  'withhold-recipient',
  'plain-for-others',
  'plain-for-all',
]

type Setting = { world: Partial<World>; keys?: string[]; published?: Discovered }

const bo = (fault?: E2eeCode | 'throws', protocol = 'pgp-mime'): ToyKey => ({
  protocol,
  fingerprint: 'b0',
  addresses: [BO],
  ...(fault && { fault }),
})
const found = (key: ToyKey, problem: string | null = null): Setting => ({
  world: {},
  published: { found: [toyMaterial(key)], contact_at: NOW, problem },
})
const stored = (key: ToyKey, change: Parameters<typeof toyRecord>[1] = {}): Setting => ({
  world: { keys: [toyRecord(key, change)] },
})

/** Those that `assess` may give, of a key that stands for itself. */
const FAULTS = (Object.keys(E2EE_CODES) as E2eeCode[]).filter(
  (code) =>
    code.startsWith('key.') &&
    ![
      'key.absent',
      'key.ambiguous',
      'key.pin_mismatch',
      'key.rejected',
      'key.stale',
      'key.unused',
    ].includes(code),
)

const CASES: [string, Setting][] = [
  ['no key anywhere', { world: {} }],
  [
    'two of the same time',
    { world: { keys: [toyRecord(bo()), toyRecord({ ...bo(), fingerprint: 'b1' })] } },
  ],
  ['the only one rejected', stored(bo(), { trust: 'rejected' })],
  ['published for others only', found({ ...bo(), addresses: ['x@example.net'] })],
  ['lookup unavailable', { world: {}, published: { unavailable: 'no answer' } }],
  ['lookup unavailable for weeks', { world: {}, published: { stale: 'no answer', contact_at: 1 } }],
  ['published, expired, not to be renewed', found(bo('key.expired'), 'no answer')],
  [
    'given, another is pinned',
    { ...stored({ ...bo(), fingerprint: 'b1' }, { trust: 'pinned' }), keys: [toyText(bo())] },
  ],
  ['given, no key at all', { world: {}, keys: ['-----BEGIN NOTHING-----'] }],
  ['no provider configured', { world: { protocols: [] } }],
  ['the provider throws', stored(bo('throws'))],
  ...FAULTS.flatMap((code): [string, Setting][] => [
    [`verified, ${code}`, stored(bo(code))],
    [`pinned, ${code}`, stored(bo(code), { trust: 'pinned' })],
    [`given, ${code}`, { world: {}, keys: [toyText(bo(code))] }],
  ]),
]

async function decision(setting: Setting, encrypt: Wish, missing_key: MissingKey) {
  const world = toyWorld({ ...setting.world })
  const cy = toyRecord({ ...bo(), fingerprint: 'c1', addresses: ['cy@example.net'] })
  world.keys = [...world.keys, cy]
  world.rules = [{ senders: null, recipients: null, encrypt, missing_key }]
  if (setting.published) world.published[BO] = setting.published
  const plan = await planProtection(world.work, {
    from: 'ada@example.com',
    recipients: [
      { address: BO, kind: 'to', keys: setting.keys ?? [] },
      { address: 'cy@example.net', kind: 'to', keys: [] },
    ],
    request: null,
    already: false,
    sandbox: false,
    at: NOW,
  })
  const [first, second] = plan.recipients
  const isForAll = first?.decision === 'plain' && second?.decision === 'plain'
  return { word: isForAll ? 'plain for all' : (first?.decision ?? ''), code: first?.code ?? '' }
}

test('every fault of a key, under prefer and require, with each answer to a missing key', async () => {
  const lines = []
  for (const [name, setting] of CASES) {
    const cells = []
    let code = ''
    for (const encrypt of ['prefer', 'require'] as const) {
      for (const missing of MISSING) {
        const made = await decision(setting, encrypt, missing)
        cells.push(made.word.padEnd(13))
        code ||= made.code
      }
    }
    lines.push(`${name.padEnd(42)} ${code.padEnd(30)} ${cells.join(' ')}`.trimEnd())
  }
  const columns = ['prefer', 'require'].flatMap((wish) =>
    MISSING.map((missing) => [wish, missing] as const),
  )
  const head = (part: 0 | 1) =>
    `${''.padEnd(74)}${columns.map((column) => column[part].slice(0, 13).padEnd(13)).join(' ')}`.trimEnd()
  const written = `${head(0)}\n${head(1)}\n${lines.join('\n')}\n`
  if (process.env.UPDATE_GOLDEN) writeFileSync(FILE, written)
  expect(written).toBe(readFileSync(FILE, 'utf8'))
})
