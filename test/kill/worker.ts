/**
 * The Worker as it is, with failpoints around the ports of its outboxes. A mail from `stop-<failpoint>@example.com` arms
 * one until the process ends; whoever comes there says so on the console and goes no further.
 */

import type { Env } from '../../src/env.ts'
import { Outbox as Real } from '../../src/objects/outbox.ts'
import type { Failpoints } from '../../src/ports/failpoints.ts'
import type { Socket } from '../../src/ports/socket.ts'
import { failpointOf } from './stages.ts'

export { default, RelayGate } from '../../src/index.ts'

let armed: string | undefined
/** The mail that was to be stopped is in the hands of a session. */
let taken = false

const say = (failpoint: string) => console.log(JSON.stringify({ failpoint }))
const never = new Promise<never>(() => {})

function stopsAt(failpoint: string): boolean {
  if (armed !== failpoint) return false
  say(failpoint)
  return true
}

/** `synced` resolves when everything written so far is on disk. */
const failpointsWith = (synced: () => Promise<void>): Failpoints => ({
  ledger: (ledger) => ({
    ...ledger,
    accept: (message, ...rest) => {
      armed = failpointOf(message.sender) ?? armed
      return ledger.accept(message, ...rest)
    },
  }),
  store: (store) => ({
    ...store,
    take: (...args) => {
      const delivery = store.take(...args)
      if (delivery && failpointOf(delivery.sender)) taken = true
      return delivery
    },
    settle: (settlement, now) => {
      const stops = failpointOf(settlement.delivery.sender) !== undefined
      if (stops && stopsAt('settle')) for (;;);
      store.settle(settlement, now)
      if (stops && armed === 'settled') void synced().then(() => say('settled'))
    },
  }),
  dial: (dial) => (host, port) => {
    if (!stopsAt('dial')) return watched(dial(host, port), synced)
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const pending = { opened: never, closed: never, readable, writable, close: () => never }
    return { ...pending, startTls: () => watched(dial(host, port), synced) }
  },
})

/** Holds back what the relay said, or what is said to it, where a failpoint is armed. */
function watched(socket: Socket, synced: () => Promise<void>): Socket {
  const heard = new TransformStream<Uint8Array, Uint8Array>({
    transform: async (chunk, controller) => {
      const text = new TextDecoder('latin1').decode(chunk)
      if (taken && text.startsWith('354') && stopsAt('354')) await never
      if (taken && text.includes('queued as') && stopsAt('reply')) await never
      controller.enqueue(chunk)
    },
  })
  const said = new TransformStream<Uint8Array, Uint8Array>({
    transform: async (chunk, controller) => {
      const text = new TextDecoder('latin1').decode(chunk)
      if (taken && text.endsWith('\r\n.\r\n') && armed === 'dot_sent') {
        await synced()
        say('dot_sent')
        await never
      }
      controller.enqueue(chunk)
    },
  })
  let piped = false
  const pipe = () => {
    if (piped) return
    piped = true
    void socket.readable.pipeTo(heard.writable).catch(() => {})
    void said.readable.pipeTo(socket.writable).catch(() => {})
  }
  return {
    opened: socket.opened,
    closed: socket.closed,
    get readable() {
      pipe()
      return heard.readable
    },
    get writable() {
      pipe()
      return said.writable
    },
    startTls: () => watched(socket.startTls(), synced),
    close: () => socket.close(),
  }
}

export class Outbox extends Real {
  constructor(ctx: DurableObjectState, env: Env) {
    super(
      ctx,
      env,
      failpointsWith(() => ctx.storage.sync()),
    )
  }
}
