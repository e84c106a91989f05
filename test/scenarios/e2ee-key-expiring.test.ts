/** A key near its end is told of where a changed one is: in the timeline of the first message that uses it, and in no other. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { makeIdentity } from '../support/smime-identity.ts'
import { openStory, type Story } from './story.ts'

const DAY = 86_400_000
let story: Story

beforeAll(async () => {
  story = await openStory()
  const relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
})
afterAll(() => story.close())

const inDays = (days: number) => ({ notAfter: new Date(Date.now() + days * DAY) })
const told = ({ events }: MessageDocument) =>
  events.filter(({ type }) => type === 'e2ee.key_expiring').map(({ data }) => data)
const upload = async (material: string) => {
  const { body } = await story.call<{ data: { ref: string }[] }>('POST', '/v1/e2ee/keys', {
    material,
  })
  return body.data[0]?.ref
}

test('once for each key and identity, and of what lasts longer never', async () => {
  const ada = await makeIdentity('ada@example.com', inDays(20))
  const bo = await makeIdentity('bo@example.net', inDays(10))
  const cy = await makeIdentity('cy@example.net', inDays(40))
  await story.call('PUT', '/v1/e2ee/identities/ada', { private_key: ada.pem })
  const ref = await upload(bo.x509.toString('pem'))
  await upload(cy.x509.toString('pem'))
  const send = async (to: string) => {
    const encryption = { encrypt: 'require', sign: 'require' }
    const { body } = await story.send({ from: 'ada@example.com', to, encryption })
    expect(body.status).toBe('relayed')
    return told(body)
  }
  expect(await send('cy@example.net')).toEqual([
    {
      what: 'identity',
      id: 'ada',
      protocol: 'smime',
      fingerprint: ada.record.fingerprint,
      not_after: new Date(ada.record.not_after ?? 0).toISOString(),
    },
  ])
  expect(await send('bo@example.net')).toMatchObject([{ what: 'key', id: ref }])
  expect(await send('bo@example.net')).toEqual([])
  // Renewed: the next end is another one.
  const renewed = await makeIdentity('ada@example.com', inDays(25))
  await story.call('PUT', '/v1/e2ee/identities/ada', { private_key: renewed.pem })
  expect(await send('cy@example.net')).toMatchObject([{ what: 'identity', id: 'ada' }])
})
