import { beforeEach, describe, expect, it } from 'vitest'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
})

async function makeKey(body: object, key?: string) {
  const made = await plane.call('POST', '/v1/keys', { body, ...(key && { key }) })
  expect(made.text).toContain('"pst_')
  return made.body as { id: string; key: string }
}

describe('POST /v1/keys', () => {
  it('gives a sandbox key no scope but send, also by a change', async () => {
    const refused = { status: 422, errors: [{ pointer: '/scopes', code: 'key.sandbox' }] }
    const body = { name: 'tests', scopes: ['send', 'read'], sandbox: true }
    const made = await plane.call('POST', '/v1/keys', { body })
    expect({ status: made.status, errors: made.body.errors }).toMatchObject(refused)
    const { id } = await makeKey({ name: 'tests', scopes: ['send', 'read'] })
    const changed = await plane.call('PATCH', `/v1/keys/${id}`, { body: { sandbox: true } })
    expect({ status: changed.status, errors: changed.body.errors }).toMatchObject(refused)
    await makeKey({ name: 'tests', scopes: ['send'], sandbox: true })
  })

  it('shows the key once; after that only what it may do', async () => {
    const body = { name: 'shop', scopes: ['send'], senders: ['*@Example.com'] }
    const made = await plane.call('POST', '/v1/keys', { body })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      name: 'shop',
      scopes: ['send'],
      senders: ['*@example.com'],
      recipients: null,
      expires_at: null,
      created_by: 'admin',
      created_at: '2026-11-24T03:30:00.000Z',
      last_used_at: null,
    })
    const { key, ...document } = made.body
    expect(key).toMatch(/^pst_/)
    const again = await plane.call('GET', `/v1/keys/${document.id}`)
    expect(again.body).toEqual(document)
    expect((await plane.call('GET', '/v1/keys')).body).toEqual({
      data: [document],
      has_more: false,
      next: null,
    })
  })

  it.each([
    [{ scopes: ['send'] }, '/name', 'field.required'],
    [{ name: 'a', scopes: [] }, '/scopes', 'field.too_few'],
    [{ name: 'a', scopes: ['admin'] }, '/scopes/0', 'field.not_allowed'],
    [{ name: 'a', scopes: ['send'], senders: ['*@*'] }, '/senders/0', 'pattern.invalid'],
    [
      { name: 'a', scopes: ['send'], recipients: ['a@example.com', 'x'] },
      '/recipients/1',
      'pattern.invalid',
    ],
    [
      { name: 'a', scopes: ['send'], expires_at: '2026-11-24T03:29:59Z' },
      '/expires_at',
      'expires_at.past',
    ],
  ])('refuses %j', async (body, pointer, code) => {
    const refused = await plane.call('POST', '/v1/keys', { body })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([{ pointer, code }])
    expect(refused.body.detail).toMatch(new RegExp(`^${pointer}: `))
    expect((await plane.call('GET', '/v1/keys')).body.data).toEqual([])
  })

  it('gives away no more than the key that asks has, and as much where nothing is said', async () => {
    const bound = {
      name: 'team',
      scopes: ['manage', 'send'],
      senders: ['*@example.com'],
      max_per_minute: 60,
      expires_at: '2026-12-01T00:00:00.000Z',
    }
    const { key } = await makeKey(bound)
    const inherited = await plane.call('POST', '/v1/keys', {
      key,
      body: { name: 'child', scopes: ['send'], max_per_minute: 10 },
    })
    expect(inherited.body).toMatchObject({
      senders: ['*@example.com'],
      max_per_minute: 10,
      expires_at: '2026-12-01T00:00:00.000Z',
    })
    const wider = [
      { scopes: ['read'] },
      { scopes: ['send'], senders: null },
      { scopes: ['send'], senders: ['a@example.net'] },
      { scopes: ['send'], max_per_minute: 61 },
      { scopes: ['send'], expires_at: null },
    ]
    for (const more of wider) {
      const refused = await plane.call('POST', '/v1/keys', { key, body: { name: 'x', ...more } })
      expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
    }
  })

  it('answers a repeated request with what was made first, without the secret', async () => {
    const request = {
      body: { name: 'shop', scopes: ['send'] },
      headers: { 'Idempotency-Key': 'deploy-1' },
    }
    const first = await plane.call('POST', '/v1/keys', request)
    const again = await plane.call('POST', '/v1/keys', request)
    const { key, ...kept } = first.body
    expect(key).toMatch(/^pst_/)
    expect([again.status, again.body]).toEqual([201, kept])
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
    const other = { ...request, body: { name: 'shop', scopes: ['read'] } }
    const conflict = await plane.call('POST', '/v1/keys', other)
    expect([conflict.status, conflict.body.code]).toEqual([422, 'idempotency.conflict'])
    expect((await plane.call('GET', '/v1/keys')).body.data).toHaveLength(1)
    plane.clock.at += 24 * 3_600_000
    expect((await plane.call('POST', '/v1/keys', other)).status).toBe(201)
  })

  it('lets a refused request be repeated under its idempotency key', async () => {
    const headers = { 'Idempotency-Key': '"quoted key"' }
    const wrong = { name: 'a', scopes: ['send'], senders: ['x'] }
    expect((await plane.call('POST', '/v1/keys', { body: wrong, headers })).status).toBe(422)
    const right = { name: 'a', scopes: ['send'], senders: ['*'] }
    expect((await plane.call('POST', '/v1/keys', { body: right, headers })).status).toBe(201)
  })
})

describe('/v1/keys/{id}', () => {
  it('changes what is given and nothing else', async () => {
    const { id } = await makeKey({ name: 'shop', scopes: ['send'], senders: ['a@example.com'] })
    const changed = await plane.call('PATCH', `/v1/keys/${id}`, {
      body: { senders: null, max_per_minute: 5 },
    })
    expect(changed.body).toMatchObject({ name: 'shop', senders: null, max_per_minute: 5 })
  })

  it('rotates: both secrets work until the overlap ends', async () => {
    const { id, key: old } = await makeKey({ name: 'ops', scopes: ['manage'] })
    const rotated = await plane.call('POST', `/v1/keys/${id}/rotate`, { body: { overlap: 60 } })
    const next = rotated.body.key
    expect(rotated.body).toMatchObject({ id, previous_expires_at: '2026-11-24T03:31:00.000Z' })
    const works = async (key: string) => (await plane.call('GET', '/v1/keys', { key })).status
    expect([await works(old), await works(next)]).toEqual([200, 200])
    plane.clock.at = START + 60_000
    expect([await works(old), await works(next)]).toEqual([401, 200])
  })

  it('rotates at once with an overlap of 0, for a day when nothing is said', async () => {
    const { id, key: old } = await makeKey({ name: 'ops', scopes: ['manage'] })
    const unsaid = await plane.call('POST', `/v1/keys/${id}/rotate`)
    expect(unsaid.body.previous_expires_at).toBe('2026-11-25T03:30:00.000Z')
    const atOnce = await plane.call('POST', `/v1/keys/${id}/rotate`, { body: { overlap: 0 } })
    expect(atOnce.body.previous_expires_at).toBeNull()
    for (const key of [old, unsaid.body.key]) {
      expect((await plane.call('GET', '/v1/keys', { key })).status).toBe(401)
    }
  })

  it('loses none of two changes at the same time', async () => {
    const { keys } = plane.deps
    const overtaken = async (method: string, path: string, body: object, by: () => unknown) => {
      const { replace } = keys
      keys.replace = async (before, after) => {
        keys.replace = replace
        await by()
        return await keys.replace(before, after)
      }
      return await plane.call(method, path, { body })
    }
    const works = async (key: string) => (await plane.call('GET', '/v1/keys', { key })).status
    const { id, key: leaked } = await makeKey({ name: 'ops', scopes: ['manage', 'send'] })
    const path = `/v1/keys/${id}`
    let next = ''
    const rotate = async () => {
      const { body } = await plane.call('POST', `${path}/rotate`, { body: { overlap: 0 } })
      next = body.key
    }
    const renamed = await overtaken('PATCH', path, { name: 'other' }, rotate)
    expect(renamed.body).toMatchObject({ name: 'other' })
    expect([await works(leaked), await works(next)]).toEqual([401, 200])
    const narrow = () => plane.call('PATCH', path, { body: { scopes: ['send'] } })
    const rotated = await overtaken('POST', `${path}/rotate`, {}, narrow)
    expect(rotated.body.scopes).toEqual(['send'])
    const revoke = () => plane.call('DELETE', path)
    expect((await overtaken('POST', `${path}/rotate`, {}, revoke)).status).toBe(404)
  })

  it('does not hand a wider key to a narrower one by rotation', async () => {
    const wide = await makeKey({ name: 'wide', scopes: ['manage', 'send', 'read'] })
    const { key } = await makeKey({ name: 'narrow', scopes: ['manage'] })
    const refused = await plane.call('POST', `/v1/keys/${wide.id}/rotate`, { key })
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.binding'])
  })

  it('does not let a narrower key revoke or narrow a wider one', async () => {
    const wide = await makeKey({ name: 'wide', scopes: ['manage', 'send', 'read'] })
    const { key } = await makeKey({ name: 'narrow', scopes: ['manage'] })
    const path = `/v1/keys/${wide.id}`
    const revoked = await plane.call('DELETE', path, { key })
    const narrowed = await plane.call('PATCH', path, { key, body: { scopes: ['manage'] } })
    expect([revoked.status, narrowed.status]).toEqual([403, 403])
    expect((await plane.call('GET', path, { key: wide.key })).status).toBe(200)
  })

  it('revokes: here at once, in another isolate within 10 s', async () => {
    const { id, key } = await makeKey({ name: 'ops', scopes: ['manage'] })
    const other = controlPlane(database.db)
    const elsewhere = async () => (await other.call('GET', '/v1/keys', { key })).status
    expect(await elsewhere()).toBe(200)
    expect((await plane.call('DELETE', `/v1/keys/${id}`)).status).toBe(204)
    expect((await plane.call('GET', '/v1/keys', { key })).status).toBe(401)
    other.clock.at += 10_000
    expect(await elsewhere()).toBe(401)
    expect((await plane.call('DELETE', `/v1/keys/${id}`)).status).toBe(204)
    const listed = await plane.call('GET', `/v1/keys/${id}`)
    expect(listed.body.revoked_at).toBe('2026-11-24T03:30:00.000Z')
    expect((await plane.call('POST', `/v1/keys/${id}/rotate`)).status).toBe(404)
  })

  it.each([
    ['GET', '/v1/keys/key_none'],
    ['DELETE', '/v1/keys/key_none'],
    ['POST', '/v1/keys/key_none/rotate'],
  ])('%s %s is 404', async (method, path) => {
    const missing = await plane.call(method, path)
    expect([missing.status, missing.body.code]).toEqual([404, 'key.not_found'])
  })

  it('lists in pages, both ways', async () => {
    const ids: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      plane.clock.at += 1
      ids.unshift((await makeKey({ name, scopes: ['send'] })).id)
    }
    const page = async (query: string) => {
      const { body } = await plane.call('GET', `/v1/keys?${query}`)
      return [body.data.map(({ id }: { id: string }) => id), body.has_more]
    }
    expect(await page('limit=2')).toEqual([ids.slice(0, 2), true])
    expect(await page(`limit=2&after=${ids[1]}`)).toEqual([ids.slice(2, 4), true])
    expect(await page(`limit=2&after=${ids[3]}`)).toEqual([ids.slice(4), false])
    expect(await page(`limit=2&before=${ids[3]}`)).toEqual([ids.slice(1, 3), true])
    expect(await page(`limit=2&before=${ids[1]}`)).toEqual([ids.slice(0, 1), false])
    expect((await plane.call('GET', '/v1/keys?limit=101')).status).toBe(422)
    for (const query of ['after=garbage', 'before=key_none']) {
      const refused = await plane.call('GET', `/v1/keys?${query}`)
      const pointer = `/query/${query.split('=')[0]}`
      expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, pointer])
    }
    expect((await plane.call('GET', '/v1/keys?limit=1&limit=2')).body.errors[0].pointer).toBe(
      '/query/limit',
    )
  })

  it('lists the newest first, whatever its id', async () => {
    const made = await makeKey({ name: 'made', scopes: ['send'] })
    const fixed = await plane.deps.keys.get(made.id)
    if (!fixed) throw new Error('no key')
    await plane.deps.keys.put({ ...fixed, id: 'key_local', created_at: START - 1 })
    const { data } = (await plane.call('GET', '/v1/keys')).body
    expect(data.map(({ id }: { id: string }) => id)).toEqual([made.id, 'key_local'])
    const { body } = await plane.call('GET', `/v1/keys?after=${made.id}`)
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual(['key_local'])
  })
})
