/** A relay says more than it was asked: the line to it neither hangs nor logs in again and again. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT, type Action, type Stage, write } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory({
    SMTP_DEADLINES: 'connect=2s,greeting=2s,command=2s,data=2s',
    RETRY_SCHEDULE: '1h',
  })
})
afterAll(() => story.close())

const EHLO = '250-relay\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n'
const cases: [what: string, stage: Stage, said: string][] = [
  ['a reply behind the one to EHLO', 'EHLO', `${EHLO}235 ok\r\n`],
  ['a 421 behind the one to EHLO', 'EHLO', `${EHLO}421 bye\r\n`],
  ['a reply behind the one to AUTH', 'AUTH', '235 ok\r\n250 more\r\n'],
  ['no SMTP at MAIL', 'MAIL', 'hello\r\n'],
]

test.each(cases)('%s: two mails wait, after few logins', async (_, stage, said) => {
  const action: Action = write(said, 'go on')
  const relay = await story.relay({ mode: 'implicit', script: { [stage]: () => action } })
  const id = `strange-${relay.port}`
  await story.ladder([[relay, 'implicit']], {}, id)
  const answers = await Promise.all([story.send({ relay: id }), story.send({ relay: id })])
  for (const { body } of answers) {
    expect(body.recipients.map(({ state }) => state)).toEqual(['deferred'])
  }
  // Long enough for a circle to turn many times.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(relay.connections.all.length).toBeLessThanOrEqual(6)
  expect(relay.messages.all).toHaveLength(0)
  // The relay is mended: an operator's word is enough, no restart.
  const good = await story.relay({ mode: 'implicit' })
  const routes = [{ port: good.port, tls: 'implicit' }]
  // The password stated again has the login tried again, whatever it waits for.
  await story.call('PATCH', `/v1/relays/${id}`, { routes, auth: ACCOUNT })
  for (const { body } of answers) await story.until(body.id, ({ status }) => status === 'relayed')
})

test('a master key that opens no password defers the mail and raises an alarm', async () => {
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']], {}, 'sealed')
  await story.gateway.restart({ POSTERN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') })
  const { body } = await story.send({ relay: 'sealed' })
  expect(body.recipients[0]).toMatchObject({ state: 'deferred' })
  expect(relay.connections.all).toHaveLength(0)
  expect((await story.alarms()).map(({ code }) => code)).toContain('relay.config')
})
