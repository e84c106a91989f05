/** Command lines (RFC 5321 §4.1). All pass one guard: nothing with CR, LF or NUL in it ever becomes a line. */

import type { DsnRequest } from '../domain/transaction-needs.ts'
import { dsnOfMail, dsnOfRcpt } from './dsn.ts'

/** Refuses to make a line. Its text never holds what was refused. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

export interface Command {
  verb: string
  /** Without CRLF. */
  line: string
}

/** Commands that may go out before TLS is proven; nothing else can. */
export const CLEAR_VERBS: readonly string[] = ['EHLO', 'STARTTLS', 'QUIT']

function command(verb: string, rest = ''): Command {
  const line = rest === '' ? verb : `${verb} ${rest}`
  if (/[\r\n\0]/.test(line)) throw new CommandError(`${verb} would hold CR, LF or NUL`)
  return { verb, line }
}

export const STARTTLS = command('STARTTLS')
export const DATA = command('DATA')
export const RSET = command('RSET')
export const QUIT = command('QUIT')

export function ehlo(name: string): Command {
  if (!/^[!-~]+$/.test(name)) throw new CommandError('the EHLO name is not printable ASCII')
  return command('EHLO', name)
}

export function auth(mechanism: string, initial?: string): Command {
  return command('AUTH', initial === undefined ? mechanism : `${mechanism} ${initial || '='}`)
}

/** A line of the AUTH dialogue (RFC 4954 §4); `*` cancels. */
export function authResponse(line: string): Command {
  if (!/^[A-Za-z0-9+/=]*$|^\*$/.test(line)) throw new CommandError('an AUTH response is not base64')
  return { verb: 'AUTH', line }
}

export interface MailParameters {
  size?: number
  eightBit?: boolean
  smtputf8?: boolean
  requireTls?: boolean
  dsn?: DsnRequest
}

export function mail(
  sender: string,
  { size, eightBit, smtputf8, requireTls, dsn }: MailParameters = {},
): Command {
  let rest = `FROM:${sender === '' ? '<>' : path(sender)}`
  if (size !== undefined) rest += ` SIZE=${size}`
  if (dsn) rest += dsnOfMail(dsn)
  if (eightBit) rest += ' BODY=8BITMIME'
  if (smtputf8) rest += ' SMTPUTF8'
  if (requireTls) rest += ' REQUIRETLS'
  return command('MAIL', rest)
}

export function rcpt(recipient: string, dsn?: DsnRequest): Command {
  return command('RCPT', `TO:${path(recipient)}${dsn ? dsnOfRcpt(dsn, recipient) : ''}`)
}

/** A mailbox whose local part may be quoted: nothing in it can end the path early or begin a parameter. */
const PATH = /^(?:"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"|[^\x00-\x20\x7f"<>])+$/

function path(mailbox: string): string {
  if (!PATH.test(mailbox)) throw new CommandError('an address cannot be put in a path')
  return `<${mailbox}>`
}
