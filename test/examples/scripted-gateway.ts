/** A gateway that answers as it is told: what a real one says only on a bad day. */

import { createServer } from 'node:http'
import { listen } from '../support/listen.ts'

export interface Answer {
  status: number
  headers?: Record<string, string>
  /** Default: a problem of this status, or an accepted message. */
  body?: string
}

export interface Asked {
  url: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface ScriptedGateway {
  url: string
  /** Every request so far. */
  asked: Asked[]
  stop(): Promise<void>
}

const bodyFor = (status: number) =>
  status < 300
    ? '{"id":"msg_scripted","status":"queued"}'
    : `{"code":"scripted.${status}","detail":"It \\"is\\" scripted."}`

/** The answers in their order; the last one again and again. */
export async function startScriptedGateway(answers: Answer[]): Promise<ScriptedGateway> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = answers[asked.length] ?? answers.at(-1)
    const { url = '', headers } = request
    asked.push({ url, headers, body: Buffer.concat(chunks).toString() })
    const { status = 500, body } = answer ?? {}
    response.writeHead(status, { 'content-type': 'application/json', ...answer?.headers })
    response.end(body ?? bodyFor(status))
  })
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
