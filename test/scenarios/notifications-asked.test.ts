/** What the sender wants to be told is asked of a relay that offers it (RFC 3461), and never stands in the way of the mail. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXTENSIONS } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await openStory()
})
afterAll(() => story.close())

test('a relay that offers DSN is asked, under an id of ours that nobody can make', async () => {
  const relay = await story.relay({ extensions: [...EXTENSIONS, 'DSN'] })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({ notify: ['failure', 'delay'] })
  expect(body.status).toBe('relayed')
  const envid = new RegExp(` RET=HDRS ENVID=${body.id}\\.1\\.[0-9a-f]{24}$`)
  expect(relay.commands('MAIL')).toEqual([expect.stringMatching(envid)])
  expect(relay.commands('RCPT')).toEqual([
    'RCPT TO:<b@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@example.net',
  ])
  // The id proves that a notification is about our attempt, so it is kept out of log and answers.
  const [, secret = ''] = /\.([0-9a-f]{24})$/.exec(relay.commands('MAIL')[0] ?? '') ?? []
  expect(secret).not.toBe('')
  expect(JSON.stringify(await story.message(body.id))).not.toContain(secret)
  expect(story.gateway.lines.join('\n')).not.toContain(secret)
})

test('a relay that offers DSN and refuses it gets the mail without', async () => {
  const relay = await story.relay({
    extensions: [...EXTENSIONS, 'DSN'],
    script: { MAIL: ({ line }) => (line.includes('ENVID=') ? '555 5.5.4 No' : undefined) },
  })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send({ notify: ['never'] })
  expect(body.status).toBe('relayed')
  expect(body.attempts).toHaveLength(1)
  expect(relay.commands('MAIL')).toHaveLength(2)
  expect(relay.commands('RCPT').at(-1)).toBe('RCPT TO:<b@example.net>')
})

test('a notice of success cannot be asked for: it would go to the return path', async () => {
  const { status, body } = await story.call<Problem>('POST', '/v1/messages', {
    from: 'a@example.com',
    to: 'b@example.net',
    text: 'It works.',
    notify: ['success'],
  })
  expect([status, body.code]).toEqual([422, 'request.invalid'])
  expect(body.errors).toMatchObject([{ pointer: '/notify/0' }])
})
