/** A real gateway, a real Postfix over TLS, and behind it a next hop without 8BITMIME, so that Postfix rewrites what isn't 7-bit. */

import type { MessageDocument } from '../../src/ports/outbox.ts'
import { openStory, type Story } from '../scenarios/story.ts'
import { startScriptedRelay, type TakenMessage } from '../support/scripted-relay.ts'
import { startMailServer } from './mail-server.ts'
import { ACCOUNT } from './mta.ts'

/** Domains that Postfix hands on to the next hop. */
export const DOMAINS = ['example.org', 'modern.example.org', 'hidden.example.org']

export interface Journey {
  readonly story: Story
  /** Implicit TLS, for who goes past the gateway. */
  readonly submissions: number
  /** Sends with the fields of a message; every mail as the next hop got it. */
  send(fields: Record<string, unknown>): Promise<TakenMessage[]>
  /** The same for a finished message. */
  sendRaw(mail: Buffer, encryption?: string): Promise<TakenMessage[]>
  /** The next mail at the next hop. */
  next(): Promise<TakenMessage>
  /** What Postfix returned to the sender: a notification that quotes this text. */
  returned(text: string): Promise<Buffer>
  /** A sender's key: PEM with its certificate, or an OpenPGP secret key. */
  identity(id: string, privateKey: string): Promise<void>
  /** A recipient's certificate, for an address that it need not name. */
  key(material: string, address?: string): Promise<void>
  policy(rules: Record<string, unknown>[]): Promise<void>
  close(): Promise<void>
}

export async function openJourney(): Promise<Journey> {
  const story = await openStory({
    E2EE_PROVIDERS: 'pgp,smime',
    DNS_OVER_HTTPS_URL: 'off',
    RETRY_SCHEDULE: '1h',
  })
  const nextHop = story.ends(
    await startScriptedRelay({ mode: 'clear', mechanisms: [], extensions: ['PIPELINING'] }),
  )
  const routes = DOMAINS.map((domain) => `${domain}=smtp:[127.0.0.1]:${nextHop.port}`).join(', ')
  const settings = `transport_maps = inline:{${routes}}\ndefault_destination_recipient_limit = 50\n`
  const server = story.ends(await startMailServer(story.certificates.good, { settings }))
  await story.ladder([[server.submission, 'starttls']], { auth: ACCOUNT })

  async function arrived(message: MessageDocument): Promise<TakenMessage[]> {
    if (message.status !== 'relayed') throw new Error(JSON.stringify(message))
    const wanted = message.recipients.length
    const taken: TakenMessage[] = []
    while (taken.flatMap(({ recipients }) => recipients).length < wanted)
      taken.push(await nextHop.messages.next())
    return taken
  }

  async function must(method: string, path: string, body: unknown): Promise<void> {
    const answer = await story.call(method, path, body)
    if (answer.status > 299) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
  }

  return {
    story,
    submissions: server.submissions,
    send: async (fields) => arrived((await story.send(fields)).body),
    async sendRaw(mail, encryption) {
      const answer = await story.gateway.fetch('/v1/messages/raw', {
        method: 'POST',
        headers: {
          'content-type': 'message/rfc822',
          prefer: 'wait=20',
          ...(encryption && { 'postern-encryption': encryption }),
        },
        body: mail,
      })
      return arrived((await answer.json()) as MessageDocument)
    },
    next: () => nextHop.messages.next(),
    returned: (text) => server.delivered('gateway', text),
    identity: (id, private_key) => must('PUT', `/v1/e2ee/identities/${id}`, { private_key }),
    key: (material, address) =>
      must('POST', '/v1/e2ee/keys', { material, ...(address && { address }) }),
    policy: (rules) => must('PUT', '/v1/e2ee/policy', { rules }),
    close: () => story.close(),
  }
}
