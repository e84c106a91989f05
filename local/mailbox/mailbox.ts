/** The local mailbox: a relay on two ports, a third kept shut, and a page that shows what arrived. */

import { join } from 'node:path'
import { expectFree } from '../ports.ts'
import { keepCertificate } from './certificate.ts'
import { startPage } from './page.ts'
import { startRelay } from './relay.ts'
import { openStore } from './store.ts'

export interface MailboxOptions {
  /** Mail and certificate are kept here. */
  dir: string
  credential: { user: string; password: string }
  pagePort: number
  /** The stand-ins of 587 (nothing listens), 465 (implicit TLS) and 2525 (STARTTLS). */
  relayPorts: [shut: number, implicit: number, starttls: number]
}

export interface Mailbox {
  pageUrl: string
  /** For POSTERN_RELAY_URL; the ports in the order of the ladder. */
  relayUrl: string
  /** PEM; the gateway has to trust it. */
  certificate: string
  stop(): Promise<void>
}

/** @throws CommandError where a port belongs to somebody else, the shut one too */
export async function startMailbox(options: MailboxOptions): Promise<Mailbox> {
  const [shut, implicit, starttls] = options.relayPorts
  const remedy = 'Choose others: npm start -- --relay-ports SHUT,IMPLICIT,STARTTLS'
  await expectFree(shut, "the relay's shut port", remedy)
  await expectFree(implicit, "the relay's port with implicit TLS", remedy)
  await expectFree(starttls, "the relay's port with STARTTLS", remedy)
  await expectFree(
    options.pagePort,
    "the mailbox's page",
    'Choose another: npm start -- --mailbox-port N',
  )
  const store = await openStore(join(options.dir, 'mail'))
  const certificate = await keepCertificate(join(options.dir, 'tls'))
  const relay = await startRelay(
    [
      { port: implicit, tls: 'implicit' },
      { port: starttls, tls: 'starttls' },
    ],
    options.credential,
    certificate,
    store,
  )
  const page = await startPage(options.pagePort, store)
  const { user, password } = options.credential
  const [implicitPort, starttlsPort] = relay.ports
  return {
    pageUrl: page.url,
    relayUrl: `smtp://${user}:${password}@localhost?routes=${shut}:starttls,${implicitPort}:implicit,${starttlsPort}:starttls`,
    certificate: certificate.cert,
    stop: async () => {
      await Promise.all([page.stop(), relay.stop()])
    },
  }
}
