/** `npm run import-pkcs12`: gives a sender the key of a PKCS#12 file. It is opened here, since the Worker can't. */

import { readFile, writeFile } from 'node:fs/promises'
import { askPassword } from './ask-password.ts'
import { CommandError, readCall, runCommand, UsageError } from './command.ts'
import { PassphraseError, type Pkcs12, readPkcs12 } from './pkcs12.ts'
import { identityOf, type Pkcs12Identity } from './pkcs12-identity.ts'
import { collectSettings } from './settings.ts'

const USAGE = `npm run import-pkcs12 -- ada.p12 --id ada --url https://postern.example.workers.dev
  Opens a PKCS#12 file (.p12, .pfx) and gives its key and certificates to the gateway as the identity that --id names.
  The gateway seals the key; this command writes it nowhere, unless --out says so.
  --out FILE           also or instead writes key and certificates as PEM, unlocked, readable by you alone; - is standard output
  Without --id and --out it only says what is in the file. The passphrase is asked for, or the first line of standard input.
  It takes from the environment or .dev.vars:
  POSTERN_PUBLIC_URL   the gateway's address, in place of --url
  POSTERN_ADMIN_TOKEN  the token, or a key that has the scope manage
  PKCS12_PASSPHRASE    the passphrase (environment only)`

async function importPkcs12(): Promise<number> {
  const { values: flags, positionals } = readCall({
    id: { type: 'string' },
    url: { type: 'string' },
    out: { type: 'string' },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('Name one PKCS#12 file.')
  const gateway = flags.id === undefined ? null : await gatewayOf(flags.id, flags.url)
  const octets = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(`${file} can't be read (${cause.code}).`, { cause })
  })
  const identity = await identityOf(await opened(octets))
  const { addresses, issuers, not_after, request } = identity
  const until = not_after === null ? 'for ever' : `until ${new Date(not_after).toISOString()}`
  console.error(
    `It signs for ${addresses.join(', ') || 'no address'}, ${until}; ${issuers} issuers.`,
  )
  if (flags.out !== undefined) await write(flags.out, request)
  if (gateway) {
    await put(gateway, request)
    console.error(`${gateway.url.origin} has it as the identity ${flags.id}.`)
  }
  return 0
}

/** Many files have no passphrase; else it is asked for. */
async function opened(octets: Uint8Array): Promise<Pkcs12> {
  const given = process.env.PKCS12_PASSPHRASE
  if (given !== undefined) return readPkcs12(octets, given)
  try {
    return readPkcs12(octets, '')
  } catch (error) {
    if (!(error instanceof PassphraseError)) throw error
    return readPkcs12(octets, await askPassword('Passphrase: '))
  }
}

interface Gateway {
  url: URL
  token: string
}

/** The key leaves this machine: by TLS, or not at all. */
async function gatewayOf(id: string, flag: string | undefined): Promise<Gateway> {
  const settings = await collectSettings()
  const address = flag ?? settings.POSTERN_PUBLIC_URL
  if (!address || !URL.canParse(address)) throw new UsageError('Say where the gateway is: --url.')
  const url = new URL(`/v1/e2ee/identities/${encodeURIComponent(id)}`, address)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !isHere)
    throw new UsageError('The gateway has to be at https://.')
  const token = settings.POSTERN_ADMIN_TOKEN
  if (!token) throw new UsageError('Set POSTERN_ADMIN_TOKEN.')
  return { url, token }
}

async function put({ url, token }: Gateway, request: Pkcs12Identity['request']): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    redirect: 'manual',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  }).catch((cause: Error) => {
    throw new CommandError(`${url.origin} doesn't answer.`, { cause })
  })
  if (response.ok) return
  const answer = (await response.json().catch(() => ({}))) as { detail?: string }
  throw new CommandError(`${url.origin} answered ${response.status}: ${answer.detail ?? ''}`)
}

async function write(path: string, request: Pkcs12Identity['request']): Promise<void> {
  const text = `${request.private_key}${request.certificate}`
  if (path === '-') {
    process.stdout.write(text)
    return
  }
  await writeFile(path, text, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(`${path} can't be written (${cause.code}).`, { cause })
  })
}

await runCommand(USAGE, importPkcs12)
