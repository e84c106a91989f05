/** A real submission server: Postfix with Dovecot's SASL, on free ports, with its own configuration, queue and mailboxes. */

import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unusedPort } from '../support/black-hole.ts'
import type { ServerCertificate } from '../support/certificates.ts'
import {
  ACCOUNT,
  idOf,
  MAILBOX_UID,
  MAILBOXES,
  type Mta,
  mailWith,
  readMaildir,
  withoutTrace,
} from './mta.ts'
import { Programs } from './program.ts'

export interface MailServer extends Mta {
  /** Implicit TLS, then AUTH. */
  readonly submissions: number
  /** All mails in a mailbox of example.net, with their trace fields. */
  mailbox(name: string): Promise<Buffer[]>
}

export interface MailServerOptions {
  /** In Dovecot's words. */
  mechanisms?: string
  /** More lines of main.cf. */
  settings?: string
}

function mainCf(dir: string): string {
  return `compatibility_level = 3.6
queue_directory = ${dir}/queue
data_directory = ${dir}/data
maillog_file = /dev/stdout
myhostname = localhost
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
biff = no
virtual_mailbox_domains = example.net, example.com
virtual_mailbox_base = ${dir}/mail
virtual_mailbox_maps = texthash:${dir}/config/mailboxes
virtual_uid_maps = static:${MAILBOX_UID}
virtual_gid_maps = static:${MAILBOX_UID}
smtpd_tls_cert_file = ${dir}/config/cert.pem
smtpd_tls_key_file = ${dir}/config/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
`
}

function masterCf(submission: number, submissions: number): string {
  const services = [
    `127.0.0.1:${submission} inet n - n - - smtpd -o syslog_name=submission`,
    `127.0.0.1:${submissions} inet n - n - - smtpd -o syslog_name=submissions -o smtpd_tls_wrappermode=yes`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'virtual unix - n n - - virtual',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ]
  return `${services.join('\n')}\n`
}

function dovecotConf(dir: string, mechanisms: string): string {
  return `base_dir = ${dir}/dovecot
log_path = /dev/stderr
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = ${mechanisms}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${dir}/config/users
}
userdb {
  driver = static
  args = uid=${MAILBOX_UID} gid=${MAILBOX_UID} home=${dir}/mail
}
service auth {
  unix_listener ${dir}/queue/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
service stats {
  chroot =
}
`
}

async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await writeFile(path, text)
  await chmod(path, mode)
}

async function prepare(dir: string, certificate: ServerCertificate): Promise<void> {
  for (const part of ['config', 'queue', 'data', 'mail', 'dovecot'])
    await mkdir(join(dir, part), { recursive: true })
  await chmod(dir, 0o755)
  await chown(join(dir, 'mail'), MAILBOX_UID, MAILBOX_UID)
  await chown(join(dir, 'data'), idOf('postfix', '-u'), idOf('postfix', '-g'))
  await write(join(dir, 'config', 'cert.pem'), certificate.cert)
  await write(join(dir, 'config', 'key.pem'), certificate.key, 0o600)
  await write(
    join(dir, 'config', 'mailboxes'),
    [...MAILBOXES, 'jürgen'].map((name) => `${name}@example.net ${name}/\n`).join('') +
      `${ACCOUNT.user} gateway/\n`,
  )
  await write(join(dir, 'config', 'users'), `${ACCOUNT.user}:{PLAIN}${ACCOUNT.password}\n`)
}

/** Starts both; resolves when both take connections. */
export async function startMailServer(
  certificate: ServerCertificate,
  { mechanisms = 'plain login', settings = '' }: MailServerOptions = {},
): Promise<MailServer> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-interop-'))
  await prepare(dir, certificate)
  const submission = await unusedPort()
  const submissions = await unusedPort()
  const config = join(dir, 'config')
  await write(join(config, 'main.cf'), mainCf(dir) + settings)
  await write(join(config, 'master.cf'), masterCf(submission, submissions))
  await write(join(config, 'dovecot.conf'), dovecotConf(dir, mechanisms))

  const programs = new Programs()
  // Postfix makes the queue's directories, Dovecot then puts its socket there.
  // It opens /dev/stdout anew, which works with a pipe of the shell, but not with Node's socket.
  const postfix = `/usr/sbin/postfix -c ${config} start-fg | cat`
  await programs.start('/bin/sh', ['-c', postfix], /daemon started/)
  const dovecot = ['-F', '-c', join(config, 'dovecot.conf')]
  await programs.start('/usr/sbin/dovecot', dovecot, /starting up/)

  const mailbox = (name: string) => readMaildir(join(dir, 'mail', name))
  return {
    submission,
    submissions,
    log: programs.log,
    mailbox,
    delivered: async (name, messageId) =>
      withoutTrace(await mailWith(messageId, () => mailbox(name))),
    close: async () => {
      spawnSync('/usr/sbin/postfix', ['-c', config, 'abort'], { stdio: 'ignore' })
      await programs.end()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
