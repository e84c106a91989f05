/** Mail that leaves signed and encrypted: who gets which copy, what is inside, and where it is told. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import { type Identity, makeIdentity } from '../support/pgp-identity.ts'
import { opened, verified } from '../support/pgp-reader.ts'
import type { ScriptedRelay } from '../support/scripted-relay.ts'
import { openStory, type Story } from './story.ts'

const MARKER = 'MarkerOfTheSecret'
const DIRECTORY = 'openpgpkey.found.example'
const DNS = 'cloudflare-dns.com'

let story: Story
let relay: ScriptedRelay
let ada: Identity
let bo: Identity
let eve: Identity

beforeAll(async () => {
  story = await openStory({}, { outside: [DIRECTORY, DNS] })
  relay = await story.relay()
  await story.ladder([[relay, 'starttls']])
  ada = await makeIdentity('a@example.com')
  bo = await makeIdentity('bo@example.net')
  eve = await makeIdentity('eve@example.org')
  const put = await story.call('PUT', '/v1/e2ee/identities/ada', { private_key: ada.secret })
  expect(put.status, JSON.stringify(put.body)).toBe(201)
  for (const { key } of [bo, eve]) {
    const posted = await story.call('POST', '/v1/e2ee/keys', { material: key.toPublic().armor() })
    expect(posted.status, JSON.stringify(posted.body)).toBe(201)
  }
})
afterAll(() => story.close())
beforeEach(() => {
  story.outside.reset()
  story.outside.answer(DNS, ({ path }) => ({
    body: JSON.stringify({ Status: path.includes('name=openpgpkey.') ? 3 : 0, TC: false }),
  }))
})

const REQUIRED = { encryption: { encrypt: 'require' } }

const send = async (fields: Record<string, unknown>) => {
  const { status, body } = await story.send({ subject: MARKER, text: `${MARKER}\r\n`, ...fields })
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}

/** What went to these recipients, by its envelope. */
function sentTo(...recipients: string[]): string {
  const mail = relay.received.all.findLast((one) => one.recipients.join() === recipients.join())
  if (!mail) throw new Error(`nothing went to ${recipients}`)
  return mail.octets.toString('latin1')
}

/** Decrypted with the key, and its signature inside proven to be Ada's. */
async function open(mail: string, reader: Identity): Promise<string> {
  const armored = mail.slice(mail.indexOf('-----BEGIN PGP MESSAGE'), mail.lastIndexOf('\r\n--'))
  return (await verified(await opened(armored, reader), ada)).content
}

const served = ({ recipients }: MessageDocument) =>
  recipients.map(({ address, state, protection }) => [
    address,
    state,
    protection?.protection,
    protection?.key,
    protection?.code,
  ])

describe('encrypted', () => {
  test('and signed inside: one copy for the named, one for each Bcc, and no trace of it', async () => {
    const document = await send({
      to: 'Bo <bo@example.net>',
      bcc: 'eve@example.org',
      ...REQUIRED,
    })
    const named = sentTo('bo@example.net')
    const hidden = sentTo('eve@example.org')
    for (const mail of [named, hidden]) {
      expect(mail).toContain('\r\nSubject: [...]\r\n')
      expect(mail).not.toContain(MARKER)
    }
    const inside = await open(named, bo)
    expect(inside).toContain(`Subject: ${MARKER}\r\n`)
    expect(`${named}${inside}`).not.toMatch(/eve@|example\.org/i)
    expect(await open(hidden, eve)).toContain(MARKER)
    await expect(open(named, eve)).rejects.toThrow()
    expect(served(document)).toEqual([
      ['bo@example.net', 'relayed', 'signed+encrypted', bo.key.getFingerprint(), null],
      ['eve@example.org', 'relayed', 'signed+encrypted', eve.key.getFingerprint(), null],
    ])
    const [accepted] = document.events
    expect(accepted).toMatchObject({
      type: 'message.accepted',
      data: {
        protection: [
          { recipient: 'bo@example.net', copy: 0 },
          { recipient: 'eve@example.org', copy: 1 },
        ],
        copies: [
          { copy: 0, protocol: 'pgp-mime', operation: 'sign+encrypt' },
          { copy: 1, recipient_keys: expect.arrayContaining([eve.key.getFingerprint()]) },
        ],
      },
    })
    expect(JSON.stringify(document)).not.toContain(MARKER)
  })

  test('what is stored is what is sent, and no file of the gateway holds the text', async () => {
    const { id } = await send({ to: 'bo@example.net', ...REQUIRED })
    const stored = await story.gateway.fetch(`/v1/messages/${id}/content?copy=0`)
    const sum = (octets: Buffer) => createHash('sha256').update(octets).digest('hex')
    expect(sum(Buffer.from(await stored.arrayBuffer()))).toBe(
      sum(Buffer.from(sentTo('bo@example.net'), 'latin1')),
    )
    const { dataDir } = story.gateway
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) expect(readFileSync(file).includes(MARKER), file).toBe(false)
    expect(story.gateway.lines.join('\n')).not.toContain(MARKER)
  })

  test('in a finished message that asks for it itself', async () => {
    const mail = [
      'From: a@example.com',
      'To: bo@example.net',
      'Bcc: eve@example.org',
      `Subject: ${MARKER}`,
      'Postern-Encryption: encrypt=require',
      '',
      `${MARKER} `,
      '',
    ].join('\n')
    const response = await story.gateway.fetch('/v1/messages/raw', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', prefer: 'wait=20' },
      body: mail,
    })
    expect(response.status).toBe(200)
    expect(await open(sentTo('bo@example.net'), bo)).toContain(`${MARKER}=20\r\n`)
    expect(await open(sentTo('eve@example.org'), eve)).toContain(`Subject: ${MARKER}\r\n`)
  })
})

describe('a key that its owner publishes', () => {
  const publish = ({ key }: Identity) => {
    const body = key.toPublic().write()
    story.outside.answer(DIRECTORY, () => ({ body: Buffer.from(body) }))
  }

  test('is found, used, and kept as discovered', async () => {
    const cy = await makeIdentity('cy@found.example')
    publish(cy)
    const document = await send({ to: 'cy@found.example', ...REQUIRED })
    expect(served(document)[0]?.slice(2, 4)).toEqual(['signed+encrypted', cy.key.getFingerprint()])
    expect(await open(sentTo('cy@found.example'), cy)).toContain(MARKER)
    const { body } = await story.call<{ data: { trust: string; source: string }[] }>(
      'GET',
      '/v1/e2ee/keys?address=cy@found.example',
    )
    expect(body.data).toMatchObject([{ trust: 'discovered', source: 'wkd' }])
  })
})

describe('by policy', () => {
  const rules = (list: unknown[]) => story.call('PUT', '/v1/e2ee/policy', { rules: list })
  const both = { to: ['bo@example.net', 'nokey@example.net'] }

  test.each([
    ['withhold-recipient', 'suppressed', 'none'],
    ['plain-for-others', 'relayed', 'signed'],
  ])('%s: the one without a key is %s, and it is told', async (missing, state, protection) => {
    await rules([{ encrypt: 'require', sign: 'prefer', missing_key: missing }])
    const document = await send(both)
    expect(served(document)).toEqual([
      ['bo@example.net', 'relayed', 'signed+encrypted', bo.key.getFingerprint(), null],
      ['nokey@example.net', state, protection, null, 'key.absent'],
    ])
    expect(await open(sentTo('bo@example.net'), bo)).toContain(MARKER)
    const clear = relay.received.all.filter(
      ({ recipients }) => recipients[0] === 'nokey@example.net',
    )
    expect(clear.length).toBe(state === 'relayed' ? 1 : 0)
    const text = await story.gateway.fetch(`/v1/messages/${document.id}`, {
      headers: { accept: 'text/plain' },
    })
    expect(await text.text()).toMatch(
      /to <bo@example\.net> {2}relayed {2}signed\+encrypted \(pgp-mime/,
    )
    await rules([])
  })

  test.each([
    ['plain-for-others', { 'key.absent': 1 }],
    ['plain-for-all', { 'policy.plain_for_all': 1, 'key.absent': 1 }],
  ])('%s: the log names what went out in clear', async (missing_key, codes) => {
    await rules([{ encrypt: 'require', missing_key }])
    const { id: message } = await send(both)
    const isOfIt = (line: Record<string, unknown>) =>
      line.type === 'e2ee.sent_in_clear' && line.message === message
    expect(await story.gateway.log(isOfIt)).toMatchObject({ message, missing_key, codes })
    await rules([{ encrypt: 'prefer' }])
    const preferred = await send(both)
    const told = story.gateway.logs.filter(({ type }) => type === 'e2ee.sent_in_clear')
    expect(told.map((line) => line.message)).not.toContain(preferred.id)
    await rules([])
  })

  test('and never in clear for a request that requires it itself', async () => {
    await rules([{ encrypt: 'prefer', missing_key: 'plain-for-all' }])
    const { status, body } = await story.send({ ...both, ...REQUIRED, subject: MARKER })
    expect([status, (body as unknown as { code: string }).code]).toEqual([422, 'key.absent'])
    await rules([])
  })
})

test('signed only: the text stays readable, and the signature stands', async () => {
  await send({ to: 'cy@example.net', encryption: { sign: 'require' } })
  const mail = sentTo('cy@example.net')
  expect(mail).toContain(`Subject: ${MARKER}\r\n`)
  expect(mail).toMatch(/^Autocrypt: addr=a@example\.com;/m)
  expect((await verified(mail, ada)).content).toContain(MARKER)
})
