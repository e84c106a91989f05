import { expect, test, vi } from 'vitest'
import { SocketQueue } from '../../src/app/socket-queue.ts'

test('gives what there is, then what is let go, first come first served', async () => {
  const queue = new SocketQueue(2, 60_000)
  const [first, second] = [await queue.take(), await queue.take()]
  const got: string[] = []
  const third = queue.take().then((socket) => got.push('third') && socket)
  const fourth = queue.take().then((socket) => got.push('fourth') && socket)
  await Promise.resolve()
  expect(got).toEqual([])
  first?.release()
  expect(await third).toBeDefined()
  expect(got).toEqual(['third'])
  second?.release()
  expect(await fourth).toBeDefined()
})

test('gives none when patience is over, and the next socket to the next in line', async () => {
  vi.useFakeTimers()
  try {
    const queue = new SocketQueue(1, 1000)
    const held = await queue.take()
    const hasty = queue.take()
    await vi.advanceTimersByTimeAsync(500)
    const patient = queue.take()
    await vi.advanceTimersByTimeAsync(500)
    expect(await hasty).toBeUndefined()
    held?.release()
    expect(await patient).toBeDefined()
  } finally {
    vi.useRealTimers()
  }
})
