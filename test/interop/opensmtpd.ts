/**
 * OpenSMTPD from its Debian package, unpacked beside Postfix: without PIPELINING. It hands all mail on to a relay in clear.
 * Debian's build can't sign a handshake with OpenSSL 3 ("missing private key"), so TLS is stunnel's, and nobody logs in.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unusedPort } from '../support/black-hole.ts'
import type { ServerCertificate } from '../support/certificates.ts'
import { startScriptedRelay } from '../support/scripted-relay.ts'
import { type Mta, mailWith, withoutTrace } from './mta.ts'
import { OPENSMTPD } from './packages.ts'
import { Programs } from './program.ts'
import { startStunnel } from './stunnel.ts'

/** It has a socket of a fixed name, so there can be one at a time. */
export async function startOpenSmtpd(certificate: ServerCertificate): Promise<Mta> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-opensmtpd-'))
  const next = await startScriptedRelay({ mode: 'clear', mechanisms: [] })
  const submission = await unusedPort()
  const clear = await unusedPort()
  const config = join(dir, 'smtpd.conf')
  await writeFile(
    config,
    `listen on 127.0.0.1 port ${clear} hostname localhost
action "onward" relay host "smtp://127.0.0.1:${next.port}"
match from any for any action "onward"
`,
  )
  // Where it is compiled to go.
  await mkdir('/var/lib/opensmtpd/empty', { recursive: true })
  const programs = new Programs()
  await programs.start(OPENSMTPD, ['-d', '-v', '-f', config], /smtp: will accept/)
  const tunnel = await startStunnel(certificate, [
    { accept: submission, connect: clear, tls: 'implicit' },
  ])
  return {
    submission,
    log: programs.log,
    delivered: async (mailbox, messageId) => {
      const mine = async () =>
        next.received.all
          .filter(({ recipients }) => recipients.some((one) => one.startsWith(`${mailbox}@`)))
          .map(({ octets }) => octets)
      return withoutTrace(await mailWith(messageId, mine))
    },
    close: async () => {
      await tunnel.close()
      await programs.end()
      await next.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
