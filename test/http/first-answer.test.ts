import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type ControlPlane, controlPlane } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'

const REQUEST = {
  body: { name: 'shop', scopes: ['send'] },
  headers: { 'Idempotency-Key': 'deploy-1' },
}
const lost = () => Promise.reject(new Error('D1 is gone'))

const database = useD1()
let plane: ControlPlane
let errors: () => string

beforeEach(async () => {
  vi.restoreAllMocks()
  const spy = vi.spyOn(console, 'error').mockReturnValue()
  errors = () => spy.mock.calls.flat().join()
  plane = controlPlane(database.db)
})

const create = () => plane.call('POST', '/v1/keys', REQUEST)
const made = async () => (await plane.call('GET', '/v1/keys')).body.data.length

describe('a request that was carried out', () => {
  it('is answered, and not carried out again, where its answer could not be kept', async () => {
    const settle = vi.spyOn(plane.deps.answers, 'settle').mockImplementation(lost)
    const first = await create()
    expect([first.status, first.body.name]).toEqual([201, 'shop'])
    expect(errors()).toContain('idempotency.answer_not_kept')
    expect(errors()).not.toContain(first.body.key)
    settle.mockRestore()
    const again = await create()
    expect([again.status, again.body.code]).toEqual([409, 'idempotency.running'])
    expect(await made()).toBe(1)
  })

  it('is not carried out again where nobody knows that it was', async () => {
    const { keys } = plane.deps
    const insert = keys.put.bind(keys)
    vi.spyOn(keys, 'put').mockImplementationOnce(async (key) => {
      await insert(key)
      await lost()
    })
    expect((await create()).status).toBe(500)
    expect((await create()).body.code).toBe('idempotency.running')
    expect(await made()).toBe(1)
  })
})

it('a refusal is answered where its claim could not be given back', async () => {
  vi.spyOn(plane.deps.answers, 'abandon').mockImplementation(lost)
  const body = { name: 'shop', scopes: ['send'], senders: ['x'] }
  expect((await plane.call('POST', '/v1/keys', { ...REQUEST, body })).status).toBe(422)
})
