/** The four things between a fresh deploy and mail that flows, each with the command that does it. Tells no value, no name. */

import { keyIdOf, LOCAL_KEY } from '../domain/api-key.ts'
import { describeError } from '../domain/describe-error.ts'
import type { SettingProblem } from '../domain/setting-reader.ts'
import type { Configured } from './app.ts'
import type { Deps } from './context.ts'

export interface Tick {
  name: 'settings' | 'relay' | 'key' | 'first_mail'
  done: boolean
  detail: string
  command: string
}

/** The page is open to all, so the database is asked at most this often. */
const FRESH_MS = 5000

type Facts = Record<'relay' | 'key' | 'manager' | 'local' | 'first_mail', boolean> | null
/** A value is kept, never a promise: one request can't await another's I/O on Workers. */
const known = new WeakMap<Deps, { at: number; facts: Facts }>()

/** `origin` is where the commands are to go unless the public URL is set. */
export async function readTicks(
  configured: Configured,
  origin: string,
  hasAdminToken: boolean,
): Promise<Tick[]> {
  if (configured.problems !== undefined) return ticks(origin, configured.problems, null)
  const { deps } = configured
  const now = deps.clock.now()
  const last = known.get(deps)
  const isFresh = last !== undefined && now - last.at < FRESH_MS
  const facts = isFresh ? last.facts : await readFacts(deps)
  if (!isFresh) known.set(deps, { at: now, facts })
  const shut = !hasAdminToken && facts?.manager === false
  return ticks(deps.settings.publicUrl ?? origin, shut ? [NOBODY_MANAGES] : [], facts)
}

/** The token may be removed once a key can do its work: before that nobody can get in. */
const NOBODY_MANAGES: SettingProblem = {
  setting: 'POSTERN_ADMIN_TOKEN',
  problem: 'is missing, and there is no key with the scope manage',
}

/** Null where the database does not answer. */
async function readFacts(deps: Deps): Promise<Facts> {
  try {
    const [relays, keys, messages] = await Promise.all([
      deps.relays.list(),
      deps.keys.list({ limit: 1000 }),
      deps.index.list({}, { limit: 1 }),
    ])
    const now = deps.clock.now()
    const living = keys.data.filter(
      ({ revoked_at, expires_at }) => revoked_at === null && (expires_at ?? Infinity) > now,
    )
    return {
      relay: relays.length > 0,
      key: living.length > 0,
      manager: living.some(({ scopes }) => scopes.includes('manage')),
      local: living.some(({ id }) => id === keyIdOf(LOCAL_KEY)),
      first_mail: messages.data.length > 0,
    }
  } catch (error) {
    deps.logLine({ type: 'database.error', error: describeError(error) })
    return null
  }
}

function ticks(base: string, problems: SettingProblem[], facts: Facts): Tick[] {
  const wrong = problems.map(({ setting, problem }) => `${setting} ${problem}`).join('; ')
  const bearer = (secret: string) =>
    `-H "Authorization: Bearer ${facts?.local ? LOCAL_KEY : `$${secret}`}"`
  const admin = `${bearer('POSTERN_ADMIN_TOKEN')} -H 'Content-Type: application/json'`
  const relay = `{"host": "smtp.example.com", "auth": {"user": "ada@example.com", "password": "…"}, "senders": ["*@example.com"]}`
  const database = problems.length === 0 && facts === null
  return [
    {
      name: 'settings',
      done: problems.length === 0 && !database,
      detail:
        wrong || (database ? 'The database is not ready.' : 'Settings and database are there.'),
      command: 'npm run deploy',
    },
    {
      name: 'relay',
      done: facts?.relay ?? false,
      detail: 'A relay carries the mail.',
      command: facts?.local
        ? "POSTERN_RELAY_URL='smtp://user:password@smtp.example.com' npm start"
        : `curl -X PUT ${base}/v1/relays/primary ${admin} -d '${relay}'`,
    },
    {
      name: 'key',
      done: facts?.key ?? false,
      detail: 'A key lets an application send.',
      command: `curl ${base}/v1/keys ${admin} -d '{"name": "first", "scopes": ["send", "read"]}'`,
    },
    {
      name: 'first_mail',
      done: facts?.first_mail ?? false,
      detail: 'A first message was accepted.',
      command: `curl ${base}/v1/messages ${bearer('POSTERN_KEY')} -H 'Prefer: wait=10' -d from=ada@example.com -d to=you@example.net -d subject=Hello -d text='It works.'`,
    },
  ]
}
