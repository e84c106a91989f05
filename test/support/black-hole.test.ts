import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startBlackHole, unusedPort } from './black-hole.ts'
import { startDelayProxy } from './delay-proxy.ts'
import { silence, startScriptedRelay } from './scripted-relay.ts'

test('nobody listens on an unused port', async () => {
  const socket = connect(await unusedPort(), '127.0.0.1')
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a black hole neither accepts nor refuses', async () => {
  const hole = await startBlackHole()
  const socket = connect(hole.port, '127.0.0.1')
  const settled = Promise.race([once(socket, 'connect'), once(socket, 'close')])
  // An ordinary loopback connection, made after it, comes first by far.
  const relay = await startScriptedRelay({ mode: 'clear', script: { greeting: silence } })
  const other = connect(relay.port, '127.0.0.1')
  await once(other, 'connect')
  const patience = new Promise((resolve) => setTimeout(resolve, 500, 'still pending'))
  expect(await Promise.race([settled, patience])).toBe('still pending')
  socket.destroy()
  other.destroy()
  await Promise.all([relay.close(), hole.close()])
})

test('a delay proxy holds octets back, keeps their order and counts turns', async () => {
  const relay = await startScriptedRelay({ mode: 'clear' })
  const proxy = await startDelayProxy(relay.port, 20)
  const started = performance.now()
  const socket = connect(proxy.port, '127.0.0.1')
  expect(String((await once(socket, 'data'))[0])).toMatch(/^220 /)
  for (const command of ['EHLO client.example.com', 'NOOP', 'RSET']) {
    socket.write(`${command}\r\n`)
    expect(String((await once(socket, 'data'))[0])).toMatch(/^250/)
  }
  // Four replies at 20 ms and three commands at 20 ms.
  expect(performance.now() - started).toBeGreaterThan(130)
  expect(proxy.connections).toBe(1)
  expect(proxy.turns).toBe(3)
  socket.write('QUIT\r\n')
  await once(socket, 'close')
  await Promise.all([proxy.close(), relay.close()])
})
