import { afterEach, expect, test, vi } from 'vitest'
import { lineWorld, refusal, SECOND } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

test('a refusal in place of a greeting is told as the answer to the connection', async () => {
  const world = lineWorld()
  const relay = world.relay('primary')
  relay.climb = () => refusal('greeting', 554)
  const shard = world.shard()
  const [id = ''] = shard.mail('primary')
  await world.pass(SECOND, shard)
  const recipient = shard.ledger.read(id)?.document.recipients[0]
  expect(recipient?.reply?.command).toBe('CONNECT')
  expect(recipient?.summary).toMatch(/^Deferred: primary answered "554 no" to the connection; /)
})
