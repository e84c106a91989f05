import { expect, test } from 'vitest'
import type { LineContext } from '../../src/app/line-context.ts'
import { LineLease } from '../../src/app/line-lease.ts'
import type { LeaseAnswer, LeaseRequest, LeaseReturn } from '../../src/ports/relay-gate.ts'
import { LEASE, NOON } from '../objects/gate-world.ts'

const answer = (messages: number | null): LeaseAnswer => ({
  ok: true,
  lease: { ...LEASE, messages },
})

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

/** A gate that answers when the test says so. */
function line() {
  const asked: (LeaseRequest | LeaseReturn)[] = []
  const answers: { resolve(answer: LeaseAnswer): void; reject(error: Error): void }[] = []
  const call = (request: LeaseRequest | LeaseReturn) => {
    asked.push(request)
    return new Promise<LeaseAnswer>((resolve, reject) => answers.push({ resolve, reject }))
  }
  const lease = new LineLease(
    {
      shard: 'shard-0',
      incarnation: 'one',
      clock: { now: () => NOON },
      gate: { lease: call, release: call },
      logLine: () => {},
    } as unknown as LineContext,
    () => {},
  )
  return {
    lease,
    asked,
    async answers(messages: number | null | Error) {
      await settled()
      const next = answers.shift()
      if (messages instanceof Error) next?.reject(messages)
      else next?.resolve(answer(messages))
      await settled()
    },
  }
}

test('what was handed over is not free again while the gate is told of it', async () => {
  const { lease, answers } = line()
  void lease.ask(1, 0)
  await answers(2)
  lease.began()
  lease.began()
  expect(lease.current).toBeUndefined()
  void lease.ask(1, 1)
  expect(lease.current).toBeUndefined()
  await answers(1)
  expect(lease.current?.messages).toBe(1)
})

test('the gate is asked one thing after another, so that no answer is older than another', async () => {
  const { lease, asked, answers } = line()
  void lease.ask(1, 0)
  void lease.ask(2, 1)
  lease.giveBack(() => 1)
  await settled()
  expect(asked).toHaveLength(1)
  await answers(2)
  lease.began()
  expect(asked).toMatchObject([{ carried: 0 }, { sessions: 2, carried: 0 }])
  await answers(2)
  expect(asked[2]).toMatchObject({ held: 1, carried: 0 })
})

test('what did not arrive is told again', async () => {
  const { lease, asked, answers } = line()
  void lease.ask(1, 0)
  await answers(5)
  lease.began()
  const failing = lease.ask(1, 1)
  const failed = expect(failing).rejects.toThrow('away')
  await answers(new Error('the gate is away'))
  await failed
  void lease.ask(1, 1)
  await settled()
  expect(asked.map((one) => one.carried)).toEqual([0, 1, 1])
})

test('the last session gives the lease back with all that it carried', async () => {
  const { lease, asked, answers } = line()
  void lease.ask(1, 0)
  await answers(5)
  lease.began()
  lease.began()
  lease.undone()
  lease.giveBack(() => 0)
  await settled()
  expect(lease.current).toBeUndefined()
  expect(asked[1]).toMatchObject({ held: 0, carried: 1 })
})
