/** What the runtime evaluates when the Worker starts, and what only when mail is signed or encrypted. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build } from '../../local/build.ts'
import {
  bundle,
  readModules,
  startModules,
  type WorkerModule,
  withoutProviders,
} from '../../local/bundle.ts'
import { startGateway } from '../../local/gateway.ts'
import { ROOT } from '../../local/paths.ts'
import { E2EE_PROVIDERS } from '../../src/domain/e2ee-providers.ts'

/** How esbuild marks where code comes from. */
const E2EE = /^\/\/ (node_modules\/(@peculiar|asn1js|pvtsutils|openpgp)\/|src\/e2ee\/\w+\/)/m

test('nothing of OpenPGP or CMS is evaluated at the start', async () => {
  const { modules } = await build()
  const first = startModules(modules)
  expect(first.map(({ path }) => path)).toContain('index.js')
  expect(first.map(({ path }) => path)).toContain('openapi.yaml')
  expect(first.filter(({ contents }) => E2EE.test(contents)).map(({ path }) => path)).toEqual([])
  const later = modules.filter((module) => !first.includes(module))
  expect(later.filter(({ contents }) => E2EE.test(contents)).length).toBeGreaterThan(0)
})

test('the providers and what only they need are apart from all else', async () => {
  const { modules } = await build()
  const without = withoutProviders(modules, Object.keys(E2EE_PROVIDERS))
  const apart = modules.filter((module) => !without.includes(module))
  expect(without.filter(({ contents }) => E2EE.test(contents))).toEqual([])
  expect(apart.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^smime-/),
      expect.stringMatching(/^pgp-/),
      'openpgp.min.mjs',
    ]),
  )
  expect(without.some(({ path }) => path.startsWith('engine-'))).toBe(true)
})

test('until it is used a provider is not even read', async () => {
  const { modules } = await build()
  const without = withoutProviders(modules, Object.keys(E2EE_PROVIDERS))
  const mangled = modules.map((each) =>
    without.includes(each) ? each : { ...each, contents: 'no JavaScript (' },
  )
  expect(mangled).not.toEqual(modules)
  const dataDir = await mkdtemp(join(tmpdir(), 'postern-unread-'))
  const authorization = `Bearer ${'t'.repeat(40)}`
  const gateway = await startGateway({
    port: 0,
    dataDir,
    env: {
      POSTERN_ADMIN_TOKEN: 't'.repeat(40),
      POSTERN_MASTER_KEY: Buffer.alloc(32).toString('base64'),
    },
    reach: 'loopback',
    asBuilt: true,
    modules: mangled,
  })
  try {
    const status = await fetch(`${gateway.url}/v1/status`, { headers: { authorization } })
    expect(status.status).toBe(200)
    const used = await fetch(`${gateway.url}/v1/e2ee/keys`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ material: '-----BEGIN PGP PUBLIC KEY BLOCK-----' }),
    })
    expect(await used.json()).toMatchObject({ status: 422, code: 'provider.missing' })
  } finally {
    await gateway.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
})

describe('a build without pgp', () => {
  let modules: WorkerModule[]
  let out: string

  beforeAll(async () => {
    out = await mkdtemp(join(ROOT, '.wrangler', 'bundle-'))
    await bundle(out, { leftOut: ['pgp'] })
    modules = await readModules(out)
  })
  afterAll(() => rm(out, { recursive: true, force: true }))

  /** A gateway of it; null and what it said where it doesn't start. */
  async function answerTo(
    names: Record<string, string>,
  ): Promise<{ status: number; body: string }> {
    const dataDir = await mkdtemp(join(tmpdir(), 'postern-left-out-'))
    const POSTERN_MASTER_KEY = Buffer.alloc(32).toString('base64')
    const env = { POSTERN_ADMIN_TOKEN: 't'.repeat(40), POSTERN_MASTER_KEY, ...names }
    const gateway = await startGateway({
      port: 0,
      dataDir,
      env,
      reach: 'loopback',
      asBuilt: true,
      modules,
    })
    try {
      const response = await fetch(`${gateway.url}/v1/status`, {
        headers: { authorization: `Bearer ${'t'.repeat(40)}` },
      })
      return { status: response.status, body: await response.text() }
    } finally {
      await gateway.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }

  test('has nothing of it, and all of the other', () => {
    expect(
      modules.filter(({ contents }) => /openpgp/i.test(contents) && E2EE.test(contents)),
    ).toEqual([])
    expect(modules.some(({ path }) => path.startsWith('pgp-') || path.startsWith('openpgp'))).toBe(
      false,
    )
    expect(modules.some(({ path }) => path.startsWith('smime-'))).toBe(true)
  })

  test('starts with the rest, and says why it does not start with it', async () => {
    expect((await answerTo({})).status).toBe(200)
    expect((await answerTo({ E2EE_PROVIDERS: 'smime,none' })).status).toBe(200)
    const { status, body } = await answerTo({ E2EE_PROVIDERS: 'smime,pgp' })
    expect([status, JSON.parse(body).code]).toEqual([503, 'config.invalid'])
    expect(body).toContain('this build was made without pgp')
  })
})

test('a static import of a provider would be seen', async () => {
  const out = await mkdtemp(join(ROOT, '.wrangler', 'bundle-'))
  try {
    await bundle(out, { entry: 'src/e2ee/smime.ts' })
    const first = startModules(await readModules(out))
    expect(first.some(({ contents }) => E2EE.test(contents))).toBe(true)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
})

test('openpgp is the file of its makers, and nowhere else', async () => {
  const { modules } = await build()
  const made = await readFile(join(ROOT, 'node_modules/openpgp/dist/openpgp.min.mjs'), 'utf8')
  const holding = modules.filter(({ contents }) => contents.includes('OpenPGP.js v'))
  expect(holding.map(({ path }) => path)).toEqual(['openpgp.min.mjs'])
  expect(holding[0]?.contents).toBe(made)
})
