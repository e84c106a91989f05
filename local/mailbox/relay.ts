/** The local relay: it takes mail for anybody, over proven TLS and after a login, and delivers it nowhere. */

import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { Certificate } from './certificate.ts'
import { protectionOf } from './protection.ts'
import type { MailStore } from './store.ts'

export interface RelayListener {
  /** 0 takes a free one. */
  port: number
  tls: 'implicit' | 'starttls'
}

export interface LocalRelay {
  /** In the order of the listeners. */
  ports: number[]
  stop(): Promise<void>
}

const SIZE_LIMIT = 40 * 1024 * 1024

/** Listens on every port; rejects, with nothing left open, where one can't be had. */
export async function startRelay(
  listeners: RelayListener[],
  credential: { user: string; password: string },
  certificate: Certificate,
  store: MailStore,
): Promise<LocalRelay> {
  const servers: SMTPServer[] = []
  const stop = async () => {
    await Promise.all(
      servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
  }
  try {
    for (const listener of listeners) {
      const server = makeServer(listener, credential, certificate, store)
      await listen(server, listener.port)
      servers.push(server)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ports: servers.map((server) => (server.server.address() as AddressInfo).port),
    stop,
  }
}

function makeServer(
  { tls }: RelayListener,
  credential: { user: string; password: string },
  certificate: Certificate,
  store: MailStore,
): SMTPServer {
  const server = new SMTPServer({
    name: 'localhost',
    banner: 'Postern local mailbox',
    secure: tls === 'implicit',
    key: certificate.key,
    cert: certificate.cert,
    authMethods: ['PLAIN', 'LOGIN'],
    size: SIZE_LIMIT,
    rejectOversized: true,
    disableReverseLookup: true,
    hideREQUIRETLS: false,
    closeTimeout: 200,
    onAuth({ username, password }, _session, done) {
      if (username === credential.user && password === credential.password) {
        done(null, { user: username })
      } else {
        done(Object.assign(new Error('Wrong user or password'), { responseCode: 535 }))
      }
    },
    onData(stream, session, done) {
      const port = (server.server.address() as AddressInfo).port
      receive(stream, session, `${port}/${tls}`, store).then(
        (id) => done(null, `queued as ${id}`),
        (error: Error) => done(Object.assign(error, { responseCode: 451 })),
      )
    },
  })
  // A client that breaks off is no event here.
  server.on('error', () => undefined)
  return server
}

async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  route: string,
  store: MailStore,
): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Uint8Array)
  // The server itself answers 552 then, whatever is said here.
  if (stream.sizeExceeded) return 'nothing'
  const octets = Buffer.concat(chunks)
  const { mailFrom, rcptTo } = session.envelope
  // Mail that can't be parsed is mail all the same: its source can be read.
  const head = await PostalMime.parse(octets).catch(() => null)
  const mail = await store.add(
    {
      sender: mailFrom ? mailFrom.address : '',
      recipients: rcptTo.map(({ address }) => address),
      route,
      subject: head?.subject ?? '',
      from: head?.from?.name || head?.from?.address || '',
      protection: head && protectionOf(head)?.label,
    },
    octets,
  )
  return mail.id
}

function listen(server: SMTPServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
