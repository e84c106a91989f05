/**
 * The mailbox's web page. Mail is hostile: its HTML is a response of its own without scripts, frames or network,
 * its source is text, its attachments are downloads. Requests by another host name (DNS rebinding) get 421.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { fileName } from './display.ts'
import { listPage, mailPage, STYLE } from './document.ts'
import type { MailStore } from './store.ts'

export interface MailboxPage {
  url: string
  port: number
  stop(): Promise<void>
}

interface Answer {
  status?: number
  type: string
  body: string | Uint8Array
  headers?: Record<string, string>
}

const PAGE_LENGTH = 100
const HTML = 'text/html; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'
const EVERY_ANSWER = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** Its own styles and pictures; a link may open a window of its own, as in any mail program. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"

/** Port 0 takes a free one. */
export async function startPage(port: number, store: MailStore): Promise<MailboxPage> {
  const server = createServer((request, response) => {
    respond(request, store).then(
      (answer) => send(request, response, answer),
      (error) => {
        console.error(error)
        send(request, response, plain(500, 'This mail can’t be shown.'))
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const actual = (server.address() as AddressInfo).port
  return {
    url: `http://localhost:${actual}`,
    port: actual,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status ?? 200, {
    ...EVERY_ANSWER,
    'content-type': answer.type,
    'content-security-policy': PAGE_POLICY,
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { status, type: TEXT, body: `${text}\n`, headers }
}

async function respond(request: IncomingMessage, store: MailStore): Promise<Answer> {
  const host = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  if (host !== 'localhost' && host !== '127.0.0.1') {
    return plain(421, 'The mailbox answers only to localhost and 127.0.0.1.')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'Only GET and HEAD.', { allow: 'GET, HEAD' })
  }
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/') return list(store, url.searchParams.get('before'))
  if (url.pathname === '/style.css') return { type: 'text/css; charset=utf-8', body: STYLE }
  const match = /^\/mail\/([0-9a-z]+)(?:\/(html|source|attachments\/(\d{1,4})))?$/.exec(
    url.pathname,
  )
  const mail = store.get(match?.[1] ?? '')
  if (!match || !mail) return plain(404, 'There is nothing here.')
  const octets = await store.octets(mail.id)
  if (match[2] === 'source') return { type: TEXT, body: octets }
  const content = await PostalMime.parse(octets)
  if (match[2] === 'html') return showHtml(content)
  if (match[3] !== undefined) return download(content, Number(match[3]))
  return { type: HTML, body: mailPage(mail, content) }
}

function list(store: MailStore, before: string | null): Answer {
  const all = store.list().filter((mail) => before === null || mail.id < before)
  const shown = all.slice(0, PAGE_LENGTH)
  const older = all.length > shown.length ? (shown.at(-1)?.id ?? null) : null
  return { type: HTML, body: listPage(shown, older) }
}

function showHtml(content: Email): Answer {
  if (!content.html) return plain(404, 'This mail has no HTML.')
  return {
    type: HTML,
    body: withInlineImages(content.html, content.attachments),
    headers: { 'content-security-policy': MAIL_POLICY },
  }
}

/** `cid:` points into the same mail: the picture is put where it is named. */
function withInlineImages(html: string, attachments: Email['attachments']): string {
  return html.replace(/cid:([^"'\s>)]+)/gi, (whole, id: string) => {
    const image = attachments.find(
      ({ contentId, mimeType }) =>
        contentId?.replace(/^<|>$/g, '') === id && /^image\/[a-z0-9.+-]+$/.test(mimeType),
    )
    return image ? `data:${image.mimeType};base64,${octetsOf(image).toString('base64')}` : whole
  })
}

function download(content: Email, index: number): Answer {
  const attachment = content.attachments[index]
  if (!attachment) return plain(404, 'There is no such attachment.')
  const name = fileName(attachment.filename, index)
  return {
    type: 'application/octet-stream',
    body: octetsOf(attachment),
    headers: {
      'content-security-policy': MAIL_POLICY,
      'content-disposition': `attachment; filename="${name.replace(/[^\w. -]/g, '_')}"; filename*=UTF-8''${encodeExtValue(name)}`,
    },
  }
}

/** RFC 8187 ext-value; a lone surrogate becomes U+FFFD. */
function encodeExtValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function octetsOf({ content }: Email['attachments'][number]): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content))
}
