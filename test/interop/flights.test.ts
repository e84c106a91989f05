/** Several messages in one flight to servers that offer CHUNKING: all of them are on their way before the first answer. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStory, type Story } from '../scenarios/story.ts'
import { eventually } from '../support/eventually.ts'
import { type GatedProxy, startGatedProxy } from '../support/gated-proxy.ts'
import { startExim } from './exim.ts'
import { startMailServer } from './mail-server.ts'
import { ACCOUNT, type Mta } from './mta.ts'

const SERVERS = [
  // Postfix counts the commands of a session, Exim marks mails that came in chunks.
  { name: 'Postfix', start: startMailServer, chunked: /disconnect from .* bdat=5 .*/, lines: 1 },
  { name: 'Exim', start: startExim, chunked: /<= .* K S=\d+/, lines: 5 },
]
const DEPTH = 4
const TEXT = '.\n..\nA line.\n'.repeat(100)

let story: Story

beforeAll(async () => {
  story = await openStory({ SESSION_IDLE: '1s' })
})
afterAll(() => story?.close())

describe.each(SERVERS)('$name', ({ start, chunked, lines }) => {
  let server: Mta
  let proxy: GatedProxy

  beforeAll(async () => {
    server = await start(story.certificates.good)
    proxy = await startGatedProxy(server.submission)
    await story.ladder([[proxy.port, 'starttls']], {
      auth: ACCOUNT,
      max_sessions: 1,
      flight_depth: DEPTH,
    })
  })
  afterAll(async () => {
    await proxy?.close()
    await server?.close()
  })

  test(`${DEPTH} messages are in flight, and each arrives once and whole`, async () => {
    const mail = { from: ACCOUNT.user, to: 'ada@example.net', text: TEXT }
    const first = await story.send(mail)
    expect(first.body.status, server.log.slice(-10).join('\n')).toBe('relayed')

    proxy.hold()
    const ids: string[] = []
    for (let n = 0; n < DEPTH; n++) {
      const before = proxy.sent
      ids.push((await story.send({ ...mail, subject: `Number ${n}` }, {})).body.id)
      await eventually(`message ${n} on its way`, async () =>
        proxy.sent > before + TEXT.length ? true : undefined,
      )
    }
    proxy.release()

    for (const id of ids) {
      const message = await story.until(id, ({ status }) => status !== 'queued')
      expect(message.status).toBe('relayed')
      expect(message.attempts[0]?.sessions.map(({ warm }) => warm)).toEqual([true])
      const stored = await (await story.gateway.fetch(`/v1/messages/${id}/content`)).text()
      const delivered = await server.delivered('ada', message.message_id)
      expect(delivered.toString('latin1')).toBe(stored)
    }
    await eventually('the session in the log', async () =>
      server.log.filter((line) => chunked.test(line)).length >= lines ? true : undefined,
    )
  })
})
