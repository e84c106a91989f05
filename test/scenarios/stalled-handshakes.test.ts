/** Relays that promise TLS and never shake hands: the runtime can't close such a socket, and others must not starve. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({ SMTP_DEADLINES: 'connect=1s,greeting=1s,command=1s' })
})
afterAll(() => story.close())

async function stallingRelay(): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write('220 stalls\r\n')
    socket.once('data', () => {
      socket.write('250-stalls\r\n250 STARTTLS\r\n')
      socket.once('data', () => socket.write('220 go ahead\r\n'))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  story.ends({
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  return (server.address() as AddressInfo).port
}

test('a good relay keeps its slot beside two that stall on every route', async () => {
  const ports = await Promise.all([stallingRelay(), stallingRelay(), stallingRelay()])
  for (const id of ['stalls-1', 'stalls-2']) {
    await story.ladder(
      ports.map((port) => [port, 'starttls']),
      {},
      id,
    )
  }
  const good = await story.relay()
  await story.ladder([[good, 'starttls']], {}, 'good')
  const stuck = await story.send({ relay: 'stalls-1' })
  expect(stuck.body.status).toBe('deferred')
  expect((await story.send({ relay: 'stalls-2' })).body.status).toBe('deferred')
  for (let n = 0; n < 5; n++) {
    const { body } = await story.send({ relay: 'good' })
    expect(body.status).toBe('relayed')
  }
  // What stalls is not dialled again while its sockets are held; its mail says why it waits.
  const again = await story.send({ relay: 'stalls-1' })
  expect(again.body.recipients[0]?.state).toBe('deferred')
})

test('five of them, one for each socket, are given up, and the good relay is served', async () => {
  const ids = ['one', 'two', 'three', 'four', 'five'].map((word) => `stalls-all-${word}`)
  for (const id of ids) await story.ladder([[await stallingRelay(), 'starttls']], {}, id)
  const good = await story.relay()
  await story.ladder([[good, 'starttls']], {}, 'good')
  await Promise.all(ids.map((id) => story.send({ relay: id })))
  const { body } = await story.send({ relay: 'good' }, {})
  const end = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(end.attempts.map(({ decision }) => decision)).toEqual(['relayed'])
  expect(good.messages.all).toHaveLength(1)
})
