/** The ports of an Outbox with a failpoint at each stage of a delivery. */

import type { OutboxPorts } from '../../src/compose.ts'
import type { MessageStore } from '../../src/ports/message-store.ts'
import type { Dial, Socket } from '../../src/ports/socket.ts'
import type { Failpoint, FailStage } from './failpoint.ts'

/** The last line of a reply of the scripted relay, and the stage it is. */
const REPLIES: readonly (readonly [RegExp, FailStage])[] = [
  [/^235 /, 'after AUTH'],
  [/^250 2\.1\.0 /, 'after MAIL'],
  [/^250 2\.1\.5 /, 'after RCPT'],
  [/^354 /, 'after 354'],
  [/^250 2\.0\.0 .*queued/, 'after the reply'],
]

/** What the last octets of a small message have in them; those of several may be one write. */
const END = /\r\n\.\r\n|BDAT \d+ LAST\r\n/g

/** Content is written in pieces of this and more where the message is large. */
const PIECE_OCTETS = 16 * 1024

export function failingPorts(real: OutboxPorts, failpoint: Failpoint): OutboxPorts {
  return {
    openStore: (sql) => failingStore(real.openStore(sql), failpoint),
    dial: failingDial(real.dial, failpoint),
  }
}

function failingStore(store: MessageStore, failpoint: Failpoint): MessageStore {
  return {
    ...store,
    markDotSent(delivery, refused, now) {
      const may = store.markDotSent(delivery, refused, now)
      if (may) void failpoint.reached('after dot_sent')
      return may
    },
    settle(settlement, now) {
      void failpoint.reached('before settle')
      if (failpoint.stopped) return settlement.record
      const record = store.settle(settlement, now)
      void failpoint.reached('after settle')
      return record
    },
  }
}

function failingDial(dial: Dial, failpoint: Failpoint): Dial {
  return (host, port) => {
    const socket = dial(host, port)
    return {
      opened: socket.opened
        .then(() => failpoint.reached('after connect'))
        .then(() => failpoint.passed()),
      closed: socket.closed,
      readable: socket.readable,
      writable: socket.writable,
      startTls: () => failingSocket(socket.startTls(), failpoint),
      close: () => socket.close(),
    }
  }
}

/** Nothing worth stopping at is said in clear. */
function failingSocket(socket: Socket, failpoint: Failpoint): Socket {
  return {
    opened: socket.opened,
    closed: socket.closed,
    readable: streamed(linesOf(socket.readable, failpoint)),
    writable: failingWritable(socket.writable, failpoint),
    startTls: () => socket.startTls(),
    close: () => socket.close(),
  }
}

/** What the relay says, a line at a time; where it stops, the line was read and the session never saw it. */
async function* linesOf(
  readable: ReadableStream<Uint8Array>,
  failpoint: Failpoint,
): AsyncGenerator<Uint8Array> {
  let rest = ''
  for await (const octets of readable.pipeThrough(new TextDecoderStream('latin1'))) {
    const lines = (rest + octets).split(/(?<=\n)/)
    rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '')
    for (const line of lines) {
      for (const [reply, stage] of REPLIES) if (reply.test(line)) await failpoint.reached(stage)
      await failpoint.passed()
      yield Uint8Array.from(line, (char) => char.charCodeAt(0))
    }
  }
}

function streamed(lines: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await lines.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  }
  return new ReadableStream(source, { highWaterMark: 0 })
}

function failingWritable(
  writable: WritableStream<Uint8Array>,
  failpoint: Failpoint,
): WritableStream<Uint8Array> {
  const writer = writable.getWriter()
  return new WritableStream({
    async write(octets) {
      await failpoint.passed()
      await writer.write(octets)
      const ends = new TextDecoder('latin1').decode(octets).match(END) ?? []
      for (const _ of ends) await failpoint.reached('after the octets')
      if (ends.length === 0 && octets.length >= PIECE_OCTETS) await failpoint.reached('mid-body')
    },
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  })
}
