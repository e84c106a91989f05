/** Postfix's smtp-sink: a server that takes any mail, or fails at one command in one way. It speaks no TLS. */

import { chown, mkdir, readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { MAILBOX_UID } from './mta.ts'
import type { Programs } from './program.ts'

/** 500 5.3.0, 450 4.3.0, the end of the connection without a word, or 421 and the end. */
export const FAULTS = ['hard', 'soft', 'drop', '421'] as const
export type Fault = (typeof FAULTS)[number]

const FLAGS: Record<Fault, string> = { hard: '-f', soft: '-r', drop: '-q', '421': '-Q' }

export interface Sink {
  readonly port: number
  /** How often it has this mail, taken or not. */
  copies(messageId: string): Promise<number>
}

/** `dir` is for its mails. Without AUTH, which it can't do. */
export async function startSink(
  programs: Programs,
  dir: string,
  port: number,
  fault?: { command: string; fault: Fault },
): Promise<Sink> {
  const mails = join(dir, String(port))
  await mkdir(mails)
  await chown(mails, MAILBOX_UID, MAILBOX_UID)
  const misbehaviour = fault ? [FLAGS[fault.fault], fault.command] : []
  const where = ['-d', `${mails}/%s.`, `127.0.0.1:${port}`, '100']
  // It says nothing when it is ready.
  programs
    .start('/usr/sbin/smtp-sink', ['-4', '-a', '-u', 'nobody', ...misbehaviour, ...where], /$^/)
    .catch(() => {})
  await eventually(`smtp-sink on ${port}`, () => isOpen(port))
  return {
    port,
    copies: async (messageId) => {
      // It takes away what its client doesn't finish.
      const texts = (await readdir(mails)).map((name) =>
        readFile(join(mails, name), 'latin1').catch(unlessGone),
      )
      return (await Promise.all(texts)).filter((text) => text.includes(messageId)).length
    },
  }
}

function isOpen(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(undefined))
  })
}

/** @throws what is no missing file */
function unlessGone(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
