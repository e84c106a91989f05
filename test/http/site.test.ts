import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERRORS } from '../../src/domain/errors.ts'
import type { Env } from '../../src/env.ts'
import { type Configured, createApp } from '../../src/http/app.ts'
import type { Deps } from '../../src/http/context.ts'
import { assertMatchesSpec, SPEC, SPEC_TEXT } from '../support/spec-response.ts'

const ROOT = join(import.meta.dirname, '../..')
const reference = readFileSync(join(ROOT, 'src/http/reference.generated.html'), 'utf8')

interface Facts {
  relays: number
  keys: { id?: string; revoked_at: number | null; expires_at?: number; scopes: string[] }[]
  messages: number
}

function configuredWith({ relays, keys, messages }: Facts, publicUrl: string | null = null) {
  const deps = {
    settings: { publicUrl },
    clock: { now: () => 0 },
    relays: { list: async () => Array(relays).fill({ id: 'geheim' }) },
    keys: { list: async () => ({ data: keys, has_more: false }) },
    index: {
      list: async () => ({ data: Array(messages).fill({ from: 'geheim' }), has_more: false }),
    },
  }
  return { deps: deps as unknown as Deps }
}

const FRESH: Facts = { relays: 0, keys: [], messages: 0 }
const READY: Facts = { relays: 1, keys: [{ revoked_at: null, scopes: ['send'] }], messages: 1 }

const TOKEN = 'a-token-of-at-least-thirty-two-characters'

function get(path: string, configured: Configured, accept = 'text/html', token = TOKEN) {
  const app = createApp({ configure: () => configured, texts: { spec: SPEC_TEXT, reference } })
  return app.request(`http://gateway.example${path}`, { headers: { Accept: accept } }, {
    POSTERN_ADMIN_TOKEN: token,
  } as Env)
}

async function ticksOf(configured: Configured, token = TOKEN) {
  const answer = await get('/', configured, 'application/json', token)
  await assertMatchesSpec('GET', '/', answer)
  const { ticks } = (await answer.json()) as {
    ticks: { name: string; done: boolean; command: string }[]
  }
  return ticks
}

describe('/health, /openapi.yaml', () => {
  it('say which version this is', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const health = await get('/health', configuredWith(FRESH))
    await assertMatchesSpec('GET', '/health', health)
    expect(await health.json()).toEqual({ status: 'ok', version })
    expect((SPEC.info as { version: string }).version).toBe(version)
    expect(await (await get('/openapi.yaml', configuredWith(FRESH))).text()).toBe(SPEC_TEXT)
  })
})

describe('the pages', () => {
  it.each(['/', '/docs', '/docs/errors'])('%s runs no script and loads nothing', async (path) => {
    const answer = await get(path, configuredWith(FRESH))
    await assertMatchesSpec('GET', path, answer)
    const html = await answer.text()
    const csp = answer.headers.get('content-security-policy') ?? ''
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(csp).toContain(`default-src 'none'; style-src 'sha256-${hash}'`)
    expect(html).not.toMatch(
      /<script|<iframe|style=|\son\w+=|src="(?!data:)|url\(|@import|href="http/,
    )
  })

  it('/docs has an anchor for every link into itself', () => {
    const ids = new Set([...reference.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const links = [...reference.matchAll(/href="#([^"]+)"/g)].map(([, link]) => link)
    expect(links.length).toBeGreaterThan(30)
    expect(links.filter((link) => !ids.has(link))).toEqual([])
  })

  it('/docs/errors has the anchor of every code', async () => {
    const html = await (await get('/docs/errors', configuredWith(FRESH))).text()
    for (const code of Object.keys(ERRORS)) expect(html).toContain(`id="${code}"`)
  })
})

describe('/', () => {
  const done = async (configured: Configured) =>
    Object.fromEntries((await ticksOf(configured)).map((tick) => [tick.name, tick.done]))

  it('ticks what is there', async () => {
    const none = { settings: true, relay: false, key: false, first_mail: false }
    expect(await done(configuredWith(FRESH))).toEqual(none)
    expect(await done(configuredWith({ ...FRESH, relays: 2 }))).toEqual({ ...none, relay: true })
    expect(
      await done(configuredWith({ ...FRESH, keys: [{ revoked_at: 1, scopes: ['manage'] }] })),
    ).toEqual(none)
    expect(await done(configuredWith(READY))).toEqual({
      settings: true,
      relay: true,
      key: true,
      first_mail: true,
    })
    expect(await done({ problems: [{ setting: 'X', problem: 'is missing' }] })).toEqual({
      ...none,
      settings: false,
    })
  })

  it('says so where the database does not answer', async () => {
    const configured = configuredWith(READY)
    const lines: Record<string, unknown>[] = []
    configured.deps.relays.list = () => Promise.reject(new Error('no such table: relays'))
    configured.deps.logLine = (line) => void lines.push(line)
    const [settings] = await ticksOf(configured)
    expect(settings).toMatchObject({
      name: 'settings',
      done: false,
      detail: 'The database is not ready.',
    })
    const error = { name: 'Error', message: 'no such table: relays' }
    expect(lines).toMatchObject([{ type: 'database.error', error }])
  })

  it('says so where nobody can get in', async () => {
    const settings = async (facts: Facts) => (await ticksOf(configuredWith(facts), ''))[0]
    expect(await settings(READY)).toMatchObject({
      done: false,
      detail: 'POSTERN_ADMIN_TOKEN is missing, and there is no key with the scope manage',
    })
    const keys = [{ revoked_at: null, scopes: ['manage'] }]
    expect(await settings({ ...READY, keys })).toMatchObject({ done: true })
    const over = keys.map((key) => ({ ...key, expires_at: 0 }))
    expect(await settings({ ...READY, keys: over })).toMatchObject({ done: false })
  })

  it('gives commands that go to this gateway, and tells nothing else', async () => {
    const here = JSON.stringify(await ticksOf(configuredWith(READY)))
    expect(here).toContain('http://gateway.example/v1/messages')
    expect(here).not.toContain('geheim')
    const mail = 'https://mail.example.com'
    expect(JSON.stringify(await ticksOf(configuredWith(READY, mail)))).toContain(
      `${mail}/v1/messages`,
    )
  })

  it('with the key that everybody knows needs no other, and a relay elsewhere is another start', async () => {
    const keys = [{ id: 'key_local', revoked_at: null, scopes: ['send', 'manage'] }]
    const [, relay, ...more] = await ticksOf(configuredWith({ ...READY, keys }))
    expect(relay?.command).toMatch(/^POSTERN_RELAY_URL=\S+ npm start$/)
    for (const { command } of more) expect(command).toContain('"Authorization: Bearer pst_local"')
    const other = [{ id: 'key_other', revoked_at: null, scopes: ['manage'] }]
    const elsewhere = await ticksOf(configuredWith({ ...READY, keys: other }))
    expect(JSON.stringify(elsewhere)).not.toContain('pst_local')
  })

  it('is a page for browsers, with commands escaped', async () => {
    const html = await (await get('/', configuredWith(FRESH))).text()
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).toContain('&quot;host&quot;')
  })
})
