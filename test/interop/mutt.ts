/** Debian's Mutt in a terminal: what its reader sees. */

import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SCREEN = { rows: 60, columns: 120 }
const PATIENCE_MS = 10_000

const RC = `set spoolfile="mail"
set folder="."
set record=""
set mbox_type=mbox
set crypt_use_gpgme=yes
set crypt_verify_sig=yes
set crypt_protected_headers_read=yes
set wait_key=no
set sort=mailbox-order
set index_format="%4C %Z %s"
ignore *
unignore from: subject to: cc:
`

/** Opens the first mail of a mailbox; the screen as soon as it shows `wanted`. `home`: with the keys of GnuPG in it. */
export async function muttShows(home: string, mail: Buffer, wanted: RegExp): Promise<string> {
  const dir = join(home, 'mutt')
  mkdirSync(dir, { recursive: true })
  const from = 'From gateway@example.com Tue Dec  1 10:00:00 2026\n'
  const unix = mail
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .replace(/^From /gm, '>From ')
  writeFileSync(join(dir, 'mail'), `${from}${unix}\n`, 'latin1')
  writeFileSync(join(dir, 'muttrc'), RC)
  const size = `stty rows ${SCREEN.rows} cols ${SCREEN.columns}`
  const mutt = `${size}; exec mutt -n -F muttrc -R -f mail -e 'push <display-message>'`
  const env = { ...process.env, GNUPGHOME: home, HOME: dir, TERM: 'vt100', LC_ALL: 'C.UTF-8' }
  const child = spawn('script', ['-qec', mutt, '/dev/null'], { cwd: dir, env })
  let seen = ''
  try {
    return await new Promise<string>((resolve, reject) => {
      const tooLong = () => reject(new Error(`Mutt does not show ${wanted}:\n${plain(seen)}`))
      const timer = setTimeout(tooLong, PATIENCE_MS)
      child.once('close', tooLong)
      child.once('error', reject)
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8')
        if (!wanted.test(plain(seen))) return
        clearTimeout(timer)
        resolve(plain(seen))
      })
    })
  } finally {
    child.stdin.end('qq')
    child.kill('SIGTERM')
  }
}

/** The terminal's commands taken out: a move is a line end, or the blanks that it jumps over. */
function plain(screen: string): string {
  return screen
    .replace(/\x1b\[(\d*)C/g, (_, count: string) => ' '.repeat(Number(count || 1)))
    .replace(/\x1b\[\d*(?:;\d*)?H|\x1b\[\d*[ABd]/g, '\n')
    .replace(/\x1b(?:\[[\d;?]*[a-zA-Z]|[()][A-Z0-9]|[=>78])|\x0f|\x0e/g, '')
    .replace(/\r/g, '')
}
