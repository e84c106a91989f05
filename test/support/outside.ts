/**
 * The world outside of a gateway, over HTTPS on a random loopback port: hosts of any name, each with a certificate that proves
 * it, answering as a test says. A gateway started with `program` reaches them under their own names; `openStory` has it too.
 */

import { constants } from 'node:crypto'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { ROOT } from '../../local/paths.ts'
import type { ServerCertificate, TestCertificates } from './certificates.ts'
import type { TestGatewayOptions } from './gateway.ts'
import { listen } from './listen.ts'

export interface OutsideRequestSeen {
  method: string
  host: string
  /** With its query. */
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface OutsideResponse {
  status?: number
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Instead of an end: nothing more is said (`hang`), a character now and then (`drip`), the connection is cut (`cut`). */
  ends?: 'hang' | 'drip' | 'cut'
}

export type OutsideHost = (
  request: OutsideRequestSeen,
) => OutsideResponse | Promise<OutsideResponse>

export interface OutsideWorld {
  /** What they were asked, in order. */
  readonly asked: OutsideRequestSeen[]
  /** What a host answers from now on; 404 to everything before. */
  answer(host: string, how: OutsideHost): void
  /** Every connection to it is cut in the handshake: the same to the gateway as a name that isn't there. */
  cut(host: string): void
  /** Its certificate is for another name. */
  misname(host: string): void
  /** As it was at first: all hosts answer 404, nothing was asked. */
  reset(): void
  /** For `startTestGateway`. `folder`: of other modules in the Worker's place. */
  program(folder?: string): NonNullable<TestGatewayOptions['program']>
  close(): Promise<void>
}

const DRIP_MS = 50
/** A resumed session would show no certificate. */
const NO_RESUMPTION = { secureOptions: constants.SSL_OP_NO_TICKET }

/**
 * Starts it with every host that a test will need: a gateway learns of them at its own start. `played`: hosts that another
 * server plays, and its address.
 */
export async function startOutside(
  certificates: TestCertificates,
  hosts: string[],
  played: Record<string, string> = {},
): Promise<OutsideWorld> {
  const proven = new Map<string, ServerCertificate>()
  for (const host of hosts) proven.set(host, await certificates.issue([host]))
  const answers = new Map<string, OutsideHost>()
  const cut = new Set<string>()
  const misnamed = new Set<string>()
  const asked: OutsideRequestSeen[] = []
  const contextOf = (host: string) => {
    const certificate = misnamed.has(host) ? certificates.wrongName : proven.get(host)
    return certificate && !cut.has(host)
      ? createSecureContext({ ...certificate, ...NO_RESUMPTION })
      : undefined
  }
  const server = createServer(
    {
      ...NO_RESUMPTION,
      SNICallback: (name, done) => {
        const context = contextOf(name)
        done(context ? null : new Error('cut'), context)
      },
    },
    async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { method = '', url: path = '', headers } = request
      const seen = { method, host: headers.host ?? '', path, headers, body }
      asked.push(seen)
      const said = (await answers.get(seen.host)?.(seen)) ?? { status: 404 }
      response.writeHead(said.status ?? 200, said.headers)
      if (said.ends === undefined) return void response.end(said.body)
      response.write(said.body ?? '')
      if (said.ends === 'cut') return void request.socket.destroy()
      if (said.ends === 'hang') return
      const drops = setInterval(() => response.write('.'), DRIP_MS)
      response.once('close', () => clearInterval(drops))
    },
  )
  const port = await listen(server)
  // A kept connection has shown its certificate already.
  const anew = () => server.closeAllConnections()
  return {
    asked,
    answer: (host, how) => void answers.set(host, how),
    cut: (host) => {
      cut.add(host)
      anew()
    },
    misname: (host) => {
      misnamed.add(host)
      anew()
    },
    reset: () => {
      for (const state of [answers, cut, misnamed]) state.clear()
      asked.length = 0
      anew()
    },
    program: (folder) => [
      join(ROOT, 'test', 'support', 'outside-serve.ts'),
      JSON.stringify({
        ...Object.fromEntries(hosts.map((host) => [host, `127.0.0.1:${port}`])),
        ...played,
      }),
      ...(folder === undefined ? [] : [folder]),
    ],
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
