/** Sockets to the sandbox's relay: streams in memory, and TLS by name only, since nothing leaves the isolate. */

import { type RelayStory, relayStory } from '../domain/sandbox.ts'
import type { Dial, Socket } from '../ports/socket.ts'
import { SandboxRelay } from './sandbox-relay.ts'

const SLOWEST_MS = 3000
const QUICKEST_MS = 1000
/** No command and no line of content is longer. */
const LINE_OCTETS = 64 * 1024

/** `pause` gives the milliseconds that a reply to a message takes: one to three seconds where left out. */
export function sandboxDial(pause: () => number = aWhile): Dial {
  return (host, port) => {
    const story = relayStory(host)
    if (story === 'blocked-587' && port === 587) return closedSocket('connection refused')
    return open({ story, pause, greets: port !== 465, secure: false })
  }
}

interface Line {
  story: RelayStory | undefined
  pause: () => number
  greets: boolean
  secure: boolean
}

function open(line: Line): Socket {
  const toRelay = new TransformStream<Uint8Array, Uint8Array>()
  const toClient = new TransformStream<Uint8Array, Uint8Array>()
  const closed = Promise.withResolvers<void>()
  const relay = new SandboxRelay(line.story, line.secure)
  const writer = toClient.writable.getWriter()
  const say = (text: string) => writer.write(new TextEncoder().encode(`${text}\r\n`))

  const talk = async () => {
    if (line.greets) await say(relay.greeting)
    for await (const text of linesOf(toRelay.readable)) {
      const answer = relay.hear(text)
      if (!answer) continue
      if (answer.slow) await new Promise((resolve) => setTimeout(resolve, line.pause()))
      if (answer.text !== '') await say(answer.text)
      if (answer.next === 'tls') return
      if (answer.next === 'close') break
    }
    await writer.close()
    closed.resolve()
  }
  const end = async () => {
    await writer.abort().catch(() => {})
    closed.resolve()
  }
  // Whatever ends the talk, the other side learns of it by the end of its stream.
  void talk().catch(end)

  return {
    opened: Promise.resolve(),
    closed: closed.promise,
    readable: toClient.readable,
    writable: toRelay.writable,
    startTls: () =>
      line.story === 'tls-fail'
        ? closedSocket('TLS handshake failed')
        : open({ ...line, secure: true, greets: !line.greets }),
    close: end,
  }
}

async function* linesOf(octets: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = octets.getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += Buffer.from(value).toString('latin1')
    let end = text.indexOf('\r\n')
    for (; end >= 0; end = text.indexOf('\r\n')) {
      const one = text.slice(0, end)
      text = text.slice(end + 2)
      yield one
    }
    if (text.length > LINE_OCTETS) return
  }
}

function closedSocket(reason: string): Socket {
  const never = Promise.reject(new Error(reason))
  never.catch(() => {})
  const { readable } = new TransformStream<Uint8Array, Uint8Array>()
  return {
    opened: never,
    closed: never,
    readable,
    writable: new WritableStream<Uint8Array>(),
    startTls: () => closedSocket(reason),
    close: async () => {},
  }
}

const aWhile = () => QUICKEST_MS + Math.random() * (SLOWEST_MS - QUICKEST_MS)
