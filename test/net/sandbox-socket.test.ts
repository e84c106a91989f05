import { expect, test } from 'vitest'
import { relayConnector } from '../../src/net/ladder.ts'
import { sandboxDial } from '../../src/net/sandbox-socket.ts'
import { Budget, PATIENT, transaction } from './open.ts'

test('a fault of the relay that is played ends the session at once, as a close does', async () => {
  const dial = sandboxDial(() => {
    throw new Error('no pause')
  })
  const connector = relayConnector(dial, (error) => {
    throw error
  })
  const { session } = await connector.climb(
    { host: 'sandbox.test', ehlo_name: null },
    {
      routes: [{ port: 465, tls: 'implicit' }],
      deadlines: PATIENT,
      stagger: { connect: 5000, greeting: 8000 },
      takeSocket: new Budget().take,
    },
  )
  const open = await session?.authenticate(null)
  if (!open || !('send' in open)) throw new Error('no session')
  const { failure } = await open.send(transaction())
  expect(failure).toMatchObject({ step: 'data_end', cause: 'closed' })
})
