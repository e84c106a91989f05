/** Web Key Directory in real workerd: what is a key, what is no key, and what is no answer. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LookupOutcome } from '../../src/ports/key-discovery.ts'
import type { OutsideResponse } from '../support/outside.ts'
import type { LookupCall } from './outside-worker.ts'
import { type OutsideWorker, openOutsideWorker } from './outside-world.ts'

const SUB = 'openpgpkey.example.org'
const OWN = 'example.org'
const DNS = 'dns.example.net'
const HASH = 'iy9q119eutrkn8s1mk4r39qejnbu3n5q'
const KEY = '\xc6\x2a public key'
const KEY_PAGE: OutsideResponse = { body: Buffer.from(KEY, 'latin1') }

let worker: OutsideWorker

beforeAll(async () => {
  worker = await openOutsideWorker([SUB, OWN, DNS])
})
beforeEach(() => worker.world.reset())
afterAll(() => worker.close())

function lookUp(more: Partial<LookupCall> = {}): Promise<LookupOutcome | { found: string[] }> {
  const call: LookupCall = {
    address: 'Joe.Doe@example.org',
    resolver: `https://${DNS}/dns-query`,
    ...more,
  }
  return worker.call('lookup', call)
}

type Zone = Record<string, { status?: number; answer?: unknown[] } | 'fails' | 'no JSON'>

/** What DNS knows: nothing (NXDOMAIN) of any name that isn't here. */
function zone(names: Zone): void {
  worker.world.answer(DNS, ({ path, headers }) => {
    const query = new URL(path, 'https://dns/').searchParams
    const said = names[query.get('name') ?? ''] ?? { status: 3 }
    if (headers.accept !== 'application/dns-json' || said === 'fails') return { status: 500 }
    if (said === 'no JSON') return { body: '<html>' }
    const { status = 0, answer } = said
    return {
      body: JSON.stringify({ Status: status, TC: false, ...(answer && { Answer: answer }) }),
    }
  })
}

function askedHosts(): string[] {
  return worker.world.asked.map(({ host }) => host).filter((host) => host !== DNS)
}

const unavailable = (words: RegExp) => ({ unavailable: expect.stringMatching(words) })

describe('the host of its own', () => {
  test('has the key', async () => {
    worker.world.answer(SUB, () => KEY_PAGE)
    expect(await lookUp()).toEqual({ found: [KEY] })
    expect(worker.world.asked).toMatchObject([
      { host: SUB, path: `/.well-known/openpgpkey/example.org/hu/${HASH}?l=Joe.Doe` },
    ])
  })

  test.each([404, 410])('has none: %i', async (status) => {
    worker.world.answer(SUB, () => ({ status }))
    worker.world.answer(OWN, () => KEY_PAGE)
    expect(await lookUp()).toEqual({ absent: true })
    expect(askedHosts()).toEqual([SUB])
  })

  const failures: [name: string, answer: OutsideResponse, words: RegExp][] = [
    ['500', { status: 500 }, /answers 500$/],
    ['403', { status: 403 }, /answers 403$/],
    ['401', { status: 401 }, /answers 401$/],
    ['204', { status: 204 }, /answers 204$/],
    ['a redirect', { status: 301, headers: { location: `https://${OWN}/` } }, /redirects/],
    [
      'HTML with 200',
      { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Welcome' },
      /no OpenPGP key$/,
    ],
    ['nothing with 200', { body: '' }, /no OpenPGP key$/],
    ['a secret key', { body: '-----BEGIN PGP PRIVATE KEY BLOCK-----\n' }, /no OpenPGP key$/],
    ['over 64 KiB', { body: Buffer.alloc(64 * 1024 + 1, 0xc6) }, /more than 65536 octets$/],
    ['a key that drips', { body: KEY, ends: 'drip' }, /within 5 s$/],
    ['silence', { ends: 'hang' }, /within 5 s$/],
  ]
  test.each(failures)('fails: %s', async (_, answer, words) => {
    worker.world.answer(SUB, () => answer)
    worker.world.answer(OWN, () => KEY_PAGE)
    expect(await lookUp()).toEqual(unavailable(words))
    expect(worker.world.asked.map(({ host }) => host)).toEqual([SUB])
  })

  test('fails: wrong certificate, while DNS knows the host', async () => {
    worker.world.misname(SUB)
    worker.world.answer(OWN, () => KEY_PAGE)
    zone({ [SUB]: { answer: [{ type: 1 }] } })
    expect(await lookUp()).toEqual(unavailable(/^openpgpkey\.example\.org could not be reached/))
    expect(askedHosts()).toEqual([])
  })
})

describe('the domain itself', () => {
  beforeEach(() => {
    worker.world.cut(SUB)
    worker.world.answer(OWN, () => KEY_PAGE)
  })

  test.each<[string, Zone]>([
    ['is not there', {}],
    ['has no address (the empty TXT record of the draft)', { [SUB]: {} }],
  ])('has the key, where the host of its own %s', async (_, names) => {
    zone(names)
    expect(await lookUp()).toEqual({ found: [KEY] })
    expect(worker.world.asked.map(({ host }) => host)).toEqual([DNS, DNS, OWN])
    expect(worker.world.asked[2]?.path).toBe(`/.well-known/openpgpkey/hu/${HASH}?l=Joe.Doe`)
  })

  test('has none', async () => {
    zone({})
    worker.world.answer(OWN, () => ({ status: 404 }))
    expect(await lookUp()).toEqual({ absent: true })
  })

  test.each<[string, OutsideResponse]>([
    ['redirects', { status: 301, headers: { location: 'https://www.example.org/' } }],
    ['answers any path with a page', { headers: { 'content-type': 'text/html' }, body: '<p>Hi' }],
  ])('has none where its web site %s', async (_, answer) => {
    zone({})
    worker.world.answer(OWN, () => answer)
    expect(await lookUp()).toEqual({ absent: true })
  })

  test.each<[string, OutsideResponse, RegExp]>([
    ['refuses', { status: 403 }, /answers 403$/],
    ['breaks', { status: 500 }, /answers 500$/],
    ['answers with octets', { body: 'x' }, /no OpenPGP key$/],
  ])('says nothing where its web site %s', async (_, answer, words) => {
    zone({})
    worker.world.answer(OWN, () => answer)
    expect(await lookUp()).toEqual(unavailable(words))
  })

  test.each<[string, Zone, RegExp]>([
    ['DNS knows the other host', { [SUB]: { answer: [{ type: 28 }] } }, /name$/],
    ['it is an alias of nothing', { [SUB]: { status: 3, answer: [{ type: 5 }] } }, /name$/],
    ['DNS fails', { [SUB]: { status: 2 } }, /did not say whether it exists$/],
    ['the resolver fails', { [SUB]: 'fails' }, /did not say whether it exists$/],
    ['the resolver talks of something else', { [SUB]: 'no JSON' }, /did not say/],
  ])('is not asked where %s', async (_, names, words) => {
    zone(names)
    expect(await lookUp()).toEqual(unavailable(words))
    expect(askedHosts()).toEqual([])
  })

  test('is not asked where the resolver is out of reach, or off', async () => {
    worker.world.cut(DNS)
    expect(await lookUp()).toEqual(unavailable(/did not say whether it exists$/))
    expect(await lookUp({ resolver: null })).toEqual(unavailable(/is off, so nothing says/))
    expect(askedHosts()).toEqual([])
  })

  test.each<[string, Zone, LookupOutcome]>([
    ['is a domain without hosts: nobody publishes there', { [OWN]: {} }, { absent: true }],
    ['lost its DNS', {}, unavailable(/example\.org does not exist in DNS$/)],
    ['has failing DNS', { [OWN]: 'fails' }, unavailable(/did not say whether it exists$/)],
    ['is down', { [OWN]: { answer: [{ type: 1 }] } }, unavailable(/^example\.org could not be/)],
  ])('%s', async (_, names, wanted) => {
    worker.world.cut(OWN)
    zone(names)
    expect(await lookUp()).toEqual(wanted)
  })
})

test('a status that stands for an origin out of reach is looked into as if nobody answered', async () => {
  worker.world.answer(SUB, () => ({ status: 530, body: 'error code: 1016' }))
  worker.world.answer(OWN, () => KEY_PAGE)
  zone({})
  expect(await lookUp()).toEqual({ found: [KEY] })
  zone({ [SUB]: { answer: [{ type: 1 }] } })
  expect(await lookUp()).toEqual(unavailable(/answers 530$/))
})

test('no reason names whom it is about', async () => {
  worker.world.answer(SUB, () => ({ status: 500 }))
  expect(JSON.stringify(await lookUp())).not.toMatch(/joe|doe/i)
})
