/** A relay is removed while mail is on its way: what may go elsewhere does, what nobody knows the outcome of never does. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { close, replyAfter, type ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Problem, type Story, states } from './story.ts'

let story: Story
let backup: ScriptedRelay

beforeAll(async () => {
  story = await openStory({ RETRY_SCHEDULE: '1s' })
  backup = await story.relay()
  await story.ladder([[backup, 'starttls']], { senders: ['*@example.com'], priority: 20 }, 'backup')
})
afterAll(() => story.close())

const remove = (moveTo = 'backup') =>
  story.call<Problem>('DELETE', `/v1/relays/primary?move_to=${moveTo}`)

/** The relay holds its answer to the end of data back until `go`; then it answers with `answer`. */
async function holdingRelay(answer: string) {
  let go = () => {}
  const event = new Promise<void>((resolve) => {
    go = resolve
  })
  let atDot = () => {}
  const reached = new Promise<void>((resolve) => {
    atDot = resolve
  })
  const relay = await story.relay({
    script: {
      dot: () => {
        atDot()
        return replyAfter(event, answer)
      },
    },
  })
  await story.ladder([[relay, 'starttls']])
  return { relay, go, reached }
}

test('mail that is under way follows as soon as the relay lets it go', async () => {
  const { relay, go, reached } = await holdingRelay('451 4.3.0 Later')
  const { body } = await story.send({}, {})
  await reached
  expect((await remove()).status).toBe(204)
  go()
  const arrived = await backup.messages.next()
  expect(arrived.recipients).toEqual(['b@example.net'])
  const settled = await story.until(body.id, ({ status }) => status === 'relayed')
  expect(settled.attempts.map(({ relay, decision }) => [relay, decision])).toEqual([
    ['primary', 'deferred'],
    ['backup', 'relayed'],
  ])
  expect(relay.messages.all).toHaveLength(0)
})

test('an unknown outcome keeps its relay until a person says what happened', async () => {
  const relay = await story.relay({ script: { dot: close } })
  await story.ladder([[relay, 'starttls']])
  const { body } = await story.send()
  expect(states(body)).toEqual({ 'b@example.net': 'unknown' })
  const before = backup.received.all.length
  const refused = await remove()
  expect(refused).toMatchObject({ status: 409, body: { code: 'relay.waiting_mail' } })
  expect(refused.body.detail).toContain(`POST /v1/messages/${body.id}/resolve`)
  await story.call('POST', `/v1/messages/${body.id}/resolve`, { as: 'relayed' })
  expect((await remove()).status).toBe(204)
  expect(backup.received.all).toHaveLength(before)
})

test('an outcome that becomes unknown after the removal stays so, with an alarm', async () => {
  const { relay, reached } = await holdingRelay('250 never said')
  const { body } = await story.send({}, {})
  await reached
  const before = backup.received.all.length
  expect((await remove()).status).toBe(204)
  await relay.close()
  await story.until(body.id, ({ status }) => status === 'unknown')
  const gone = (await story.alarms()).find(({ code }) => code === 'relay.gone')
  expect(gone).toMatchObject({ relay: 'primary', waiting: 1 })
  const again = await remove()
  expect(again.status).toBe(409)
  expect(again.body.detail).toContain(body.id)
  expect((await story.message(body.id)).status).toBe('unknown')
  expect(backup.received.all).toHaveLength(before)
  // Known now, so the next relay of its list takes it.
  await story.call('POST', `/v1/messages/${body.id}/resolve`, { as: 'not_sent' })
  await backup.messages.next()
  await story.until(body.id, ({ status }) => status === 'relayed')
})

test('mail goes only to a relay that may carry its sender', async () => {
  const relay = await story.relay({ script: { MAIL: '451 4.3.0 Later' } })
  await story.ladder([[relay, 'starttls']], { senders: ['*'] })
  const other = await story.send({ from: 'a@example.org' })
  expect(other.body.status).toBe('deferred')
  const before = backup.received.all.length
  const refused = await remove()
  expect(refused).toMatchObject({ status: 409, body: { code: 'relay.waiting_mail' } })
  expect(refused.body.detail).toContain('1 of the 1')
  expect((await story.call('GET', '/v1/relays/primary')).status).toBe(200)
  await story.call('PATCH', '/v1/relays/backup', { senders: ['*'] })
  expect((await remove()).status).toBe(204)
  await backup.messages.next()
  expect(backup.received.all).toHaveLength(before + 1)
})
