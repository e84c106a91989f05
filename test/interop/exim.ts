/** Exim from its Debian package, unpacked beside Postfix: a submission server with CHUNKING and SMTPUTF8. */

import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unusedPort } from '../support/black-hole.ts'
import type { ServerCertificate } from '../support/certificates.ts'
import { ACCOUNT, idOf, MAILBOXES, type Mta, mailWith, readMaildir, withoutTrace } from './mta.ts'
import { EXIM } from './packages.ts'
import { Programs } from './program.ts'

function configuration(dir: string, port: number): string {
  return `primary_hostname = localhost
exim_path = ${EXIM}
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%s
pid_file_path = ${dir}/exim.pid
keep_environment =
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = ${dir}/cert.pem
tls_privatekey = ${dir}/key.pem
chunking_advertise_hosts = *
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
accept_8bitmime = true
smtp_accept_queue_per_connection = 0
deliver_drop_privilege
log_selector = +smtp_connection +received_recipients +deliver_time
acl_smtp_rcpt = accept_login
begin acl
accept_login:
  require message = log in first
          authenticated = *
  accept
begin routers
mailboxes:
  driver = accept
  domains = example.net
  local_parts = ${MAILBOXES.join(' : ')}
  transport = maildir
others:
  driver = accept
  domains = example.net
  transport = blackhole
begin transports
blackhole:
  driver = appendfile
  file = /dev/null
maildir:
  driver = appendfile
  maildir_format
  directory = ${dir}/mail/$local_part_data
  create_directory
  use_crlf
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{${ACCOUNT.user}}}{eq{$auth3}{${ACCOUNT.password}}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
`
}

/** Resolves when it takes connections. */
export async function startExim(certificate: ServerCertificate): Promise<Mta> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-exim-'))
  await chmod(dir, 0o755)
  for (const part of ['mail', 'log']) {
    await mkdir(join(dir, part))
    await chown(join(dir, part), idOf('Debian-exim', '-u'), idOf('Debian-exim', '-g'))
  }
  const port = await unusedPort()
  await writeFile(join(dir, 'cert.pem'), certificate.cert)
  await writeFile(join(dir, 'key.pem'), certificate.key)
  const config = join(dir, 'exim.conf')
  await writeFile(config, configuration(dir, port))
  const programs = new Programs()
  await programs.start(EXIM, ['-C', config, '-bdf', '-d-all+acl'], /daemon started/)
  return {
    submission: port,
    log: programs.log,
    delivered: async (mailbox, messageId) =>
      withoutTrace(await mailWith(messageId, () => readMaildir(join(dir, 'mail', mailbox)))),
    close: async () => {
      await programs.end()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
