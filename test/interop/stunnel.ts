/** Debian's stunnel before servers that speak no TLS themselves. */

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerCertificate } from '../support/certificates.ts'
import { Programs } from './program.ts'

export interface Tunnel {
  accept: number
  connect: number
  /** With STARTTLS it wants a greeting of 220, and answers the clear EHLO itself. */
  tls: 'starttls' | 'implicit'
}

export async function startStunnel(
  { cert, key }: ServerCertificate,
  tunnels: Tunnel[],
): Promise<{ close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-stunnel-'))
  const pem = join(dir, 'cert.pem')
  await writeFile(pem, `${key}\n${cert}`)
  await chmod(pem, 0o600)
  const services = tunnels.map(
    ({ accept, connect, tls }) =>
      `[${accept}]\naccept = 127.0.0.1:${accept}\nconnect = 127.0.0.1:${connect}\ncert = ${pem}\n${
        tls === 'starttls' ? 'protocol = smtp\n' : ''
      }`,
  )
  const config = join(dir, 'stunnel.conf')
  await writeFile(config, `foreground = yes\npid =\ndebug = 5\n${services.join('')}`)
  const programs = new Programs()
  await programs.start('/usr/bin/stunnel4', [config], /Configuration successful/)
  return {
    close: async () => {
      await programs.end()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
