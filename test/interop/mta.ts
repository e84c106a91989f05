/** What the real servers have in common. */

import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'

/** `nobody` on Debian: owns the mailboxes. */
export const MAILBOX_UID = 65534

export const ACCOUNT = { user: 'gateway@example.com', password: 'correct horse battery staple' }
/** Mailboxes of example.net. */
export const MAILBOXES = ['ada', 'bo']

/** The number of an account of the system (`-u`), or of its group (`-g`). */
export function idOf(user: string, flag: '-u' | '-g'): number {
  return Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout.trim())
}

/** A server that takes mail for example.net. */
export interface Mta {
  readonly submission: number
  /** What it logged. */
  readonly log: string[]
  /** The mail in a mailbox of example.net, as it was handed over, as soon as there is one with this Message-ID. */
  delivered(mailbox: string, messageId: string): Promise<Buffer>
  close(): Promise<void>
}

/** The mails in a maildir. */
export async function readMaildir(dir: string): Promise<Buffer[]> {
  const names = await readdir(join(dir, 'new')).catch(() => [])
  return Promise.all(names.map((name) => readFile(join(dir, 'new', name))))
}

export function mailWith(messageId: string, read: () => Promise<Buffer[]>): Promise<Buffer> {
  return eventually(`a mail ${messageId}`, async () =>
    (await read()).find((octets) => octets.includes(messageId)),
  )
}

const TRACE =
  /^(?:(?:Return-Path|Envelope-To|Delivery-Date|X-Original-To|Delivered-To|Received):.*\r?\n(?:[ \t].*\r?\n)*)+/i

/** A delivered mail without the trace fields of the server, with CRLF. */
export function withoutTrace(delivered: Buffer): Buffer {
  const text = delivered.toString('latin1')
  return Buffer.from(text.replace(TRACE, '').replace(/\r?\n/g, '\r\n'), 'latin1')
}
