import { describe, expect, it } from 'vitest'
import type { StoredTemplate } from '../../src/domain/template.ts'
import { createTemplateStore } from '../../src/storage/template-store.ts'
import { useD1 } from '../support/d1.ts'

const database = useD1()
const clock = { at: 1_764_000_000_000, now: () => clock.at }
const store = () => createTemplateStore(database.db, clock)

const version = (number: number, more: Partial<StoredTemplate> = {}): StoredTemplate => ({
  id: 'welcome',
  version: number,
  subject: `No. ${number}`,
  text: null,
  html: '<p>ünï "x"</p>',
  headers: { 'X-A': '{{ a }}' },
  sample: { a: [1, null, 'b'] },
  created_at: clock.at + number,
  ...more,
})

describe('the template store', () => {
  it('keeps every version as it was', async () => {
    const templates = store()
    expect(await templates.add(version(1))).toBe(true)
    expect(await templates.add(version(2))).toBe(true)
    expect(await templates.get('welcome')).toEqual(version(2))
    expect(await templates.get('welcome', 1)).toEqual(version(1))
    expect(await templates.get('welcome', 3)).toBeNull()
    expect(await templates.get('other')).toBeNull()
    expect((await templates.versions('welcome')).map((one) => one.version)).toEqual([2, 1])
  })

  it('takes a version once, and none before its turn', async () => {
    const templates = store()
    expect(await templates.add(version(2))).toBe(false)
    await templates.add(version(1))
    expect(await templates.add(version(1, { text: 'other' }))).toBe(false)
    expect(await templates.get('welcome')).toEqual(version(1))
  })

  it('gives the same object while it remembers one: what was parsed hangs on it', async () => {
    const templates = store()
    await templates.add(version(1))
    expect(await templates.get('welcome')).toBe(await templates.get('welcome'))
    await store().add(version(2))
    expect((await templates.get('welcome'))?.version).toBe(1)
    expect((await templates.get('welcome', undefined, { fresh: true }))?.version).toBe(2)
    expect((await templates.get('welcome'))?.version).toBe(2)
  })

  it('lists by name and forgets what is deleted', async () => {
    const templates = store()
    await templates.add(version(1))
    await templates.add(version(2))
    await templates.add(version(1, { id: 'base' }))
    const list = await templates.list()
    expect(list.map((one) => [one.id, one.version])).toEqual([
      ['base', 1],
      ['welcome', 2],
    ])
    expect(list[1]).toMatchObject({ created_at: clock.at + 1, updated_at: clock.at + 2 })
    expect(await templates.delete('welcome')).toBe(true)
    expect(await templates.delete('welcome')).toBe(false)
    expect(await templates.get('welcome', 1)).toBeNull()
  })
})
