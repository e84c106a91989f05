/** What would be without any care: a message as it is, signed, and given straight to Postfix. */

import { createTransport } from 'nodemailer'
import { collect } from '../mime/submission.ts'
import { ACCOUNT } from './mta.ts'
import type { Journey } from './protected-journey.ts'
import type { Tool } from './prototype-signer.ts'

let count = 0

/** Its Message-ID. */
export async function sendCarelessly(
  { submissions, story }: Journey,
  to: string,
  octets: Buffer,
  tool: Tool,
): Promise<string> {
  const id = `<careless-${++count}-${tool.name}@example.com>`
  const outer = `From: ${ACCOUNT.user}\r\nTo: ${to}\r\nMessage-ID: ${id}\r\nMIME-Version: 1.0\r\n`
  const entity = tool.sign(octets)
  const type = entity.contentHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const raw = Buffer.concat([Buffer.from(`${outer}${type}\r\n`), await collect(entity.body)])
  const transport = createTransport({
    host: 'localhost',
    port: submissions,
    secure: true,
    auth: { user: ACCOUNT.user, pass: ACCOUNT.password },
    tls: { ca: story.certificates.ca },
  })
  await transport.sendMail({ envelope: { from: ACCOUNT.user, to }, raw })
  return id
}

/** What relays and mailboxes do that were seen to: blanks stripped, "From " quoted, dots taken off, long lines cut. */
export const MANGLERS = {
  'blanks stripped': (mail) => mail.replace(/[ \t]+(?=\r\n)/g, ''),
  '"From " quoted': (mail) => mail.replace(/(?<=\r\n)From /g, '>From '),
  'dots taken off': (mail) => mail.replace(/(?<=\r\n)\./g, ''),
  'dashes escaped': (mail) => mail.replace(/(?<=\r\n)-(?!-)/g, '- -'),
  'lines cut at 998': (mail) => mail.replace(/[^\r\n]{998}(?=[^\r\n])/g, '$&\r\n'),
  'a footer appended': (mail) => `${mail}-- \r\nThe list\r\n`,
} as const satisfies Record<string, (mail: string) => string>

export type Mangler = keyof typeof MANGLERS

export const mangled = (mail: Buffer, how: Mangler): Buffer =>
  Buffer.from(MANGLERS[how](mail.toString('latin1')), 'latin1')
