/** A token endpoint over HTTPS on a random loopback port: it notes what it is asked and gives tokens, or what it is told to. */

import { createServer } from 'node:https'
import type { ServerCertificate } from './certificates.ts'
import { listen } from './listen.ts'

export interface TokenServer {
  readonly url: string
  /** The forms it got. */
  readonly asked: Record<string, string>[]
  /** What it answers from now on: by default `token-1`, `token-2`, … for an hour. */
  answer: (form: Record<string, string>, nth: number) => { status: number; body: object }
  close(): Promise<void>
}

export async function startTokenServer(certificate: ServerCertificate): Promise<TokenServer> {
  const server = createServer(certificate, async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const form = Object.fromEntries(new URLSearchParams(text))
    tokens.asked.push(form)
    const { status, body } = tokens.answer(form, tokens.asked.length)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const port = await listen(server)
  const tokens: TokenServer = {
    url: `https://localhost:${port}/token`,
    asked: [],
    answer: (_, nth) => ({
      status: 200,
      body: { access_token: `token-${nth}`, token_type: 'Bearer', expires_in: 3600 },
    }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return tokens
}
