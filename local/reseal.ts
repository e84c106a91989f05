/** `npm run reseal`: after a change of the master key has a running gateway seal its secrets with the new one. */

import type { Resealed } from '../src/app/reseal.ts'
import { CommandError, readFlags, runCommand, UsageError } from './command.ts'
import { collectSettings } from './settings.ts'

const USAGE = `npm run reseal -- --url https://postern.example.workers.dev
  Seals the passwords of relays, the DKIM keys and the secrets of identities and triggers with POSTERN_MASTER_KEY, which then needs no POSTERN_MASTER_KEY_PREVIOUS.
  It can be repeated. It takes from the environment or .dev.vars:
  POSTERN_PUBLIC_URL   the gateway's address, in place of --url
  POSTERN_ADMIN_TOKEN  the token, or a key without bindings that has the scope manage`

async function reseal(): Promise<number> {
  const flags = readFlags({ url: { type: 'string' } })
  const settings = await collectSettings()
  const url = flags.url ?? settings.POSTERN_PUBLIC_URL
  if (!url || !URL.canParse(url)) throw new UsageError('Say where the gateway is: --url.')
  const token = settings.POSTERN_ADMIN_TOKEN
  if (!token) throw new UsageError('Set POSTERN_ADMIN_TOKEN: nobody else may seal anew.')
  const { relays, dkim_keys, identities, triggers, unopened } = await call(
    new URL('/v1/reseal', url),
    token,
  )
  console.log(
    `Sealed anew: ${relays} relays, ${dkim_keys} DKIM keys, ${identities} identities, ${triggers} triggers.`,
  )
  if (unopened.length > 0) {
    throw new CommandError(
      `These open with no master key that the gateway has, and stay as they are:\n  ${unopened.join('\n  ')}\n` +
        'Set POSTERN_MASTER_KEY_PREVIOUS to the key they were sealed with, or give the secrets again.',
    )
  }
  console.log('POSTERN_MASTER_KEY_PREVIOUS can be removed.')
  return 0
}

async function call(url: URL, token: string): Promise<Resealed> {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(url, { method: 'POST', headers }).catch((cause: Error) => {
    throw new CommandError(`${url.origin} doesn't answer.`, { cause })
  })
  const answer = (await response.json().catch(() => ({}))) as Resealed & { detail?: string }
  if (response.ok) return answer
  throw new CommandError(`${url.origin} answered ${response.status}: ${answer.detail ?? ''}`)
}

await runCommand(USAGE, reseal)
