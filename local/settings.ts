/** Settings of a gateway on this machine: the environment first, then `.dev.vars`. */

import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import type { Settings } from '../src/domain/settings.ts'
import { type Env, readSettings } from '../src/env.ts'
import { CommandError } from './command.ts'

/** Bindings are not settings. */
export type SettingName = Exclude<keyof Env, 'DB' | 'OUTBOX' | 'RELAY_GATE'>

export type CollectedSettings = Partial<Record<SettingName, string>>

const NAMES = {
  POSTERN_ADMIN_TOKEN: true,
  POSTERN_MASTER_KEY: true,
  POSTERN_MASTER_KEY_PREVIOUS: true,
  POSTERN_RELAY_URL: true,
  POSTERN_PUBLIC_URL: true,
  OUTBOX_SHARDS: true,
  RETAIN_CONTENT_DAYS: true,
  RETAIN_LOG_DAYS: true,
  MAX_RECIPIENTS: true,
  JURISDICTION: true,
  LOCATION_HINT: true,
  ALLOW_PRIVATE_RELAYS: true,
  SMTP_DEADLINES: true,
  LADDER_STAGGER: true,
  RETRY_SCHEDULE: true,
  AUTH_BACKOFF: true,
  HOLD_AFTER: true,
  SESSION_IDLE: true,
  STORAGE_LIMIT: true,
  HASH_ADDRESSES: true,
  DNS_OVER_HTTPS_URL: true,
  E2EE_PROVIDERS: true,
  SMIME_TRUSTED_ROOTS: true,
  SMIME_INTERMEDIATES: true,
} satisfies Record<SettingName, true>

/** Every setting and secret the Worker knows. */
const SETTING_NAMES = Object.keys(NAMES) as SettingName[]

/** What is set, unchecked; an empty value counts as not set. */
export async function collectSettings(
  devVars = '.dev.vars',
  environment: NodeJS.ProcessEnv = process.env,
): Promise<CollectedSettings> {
  const file = await readFile(devVars, 'utf8').then(parseEnv, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return {} as NodeJS.Dict<string>
    throw new CommandError(`${devVars} can't be read (${error.code}).`, { cause: error })
  })
  const settings: CollectedSettings = {}
  for (const name of SETTING_NAMES) {
    const value = environment[name] || file[name]
    if (value) settings[name] = value
  }
  return settings
}

/**
 * The settings, checked.
 * @throws CommandError with every problem on a line of its own, never a value
 */
export function expectValid(collected: CollectedSettings): Settings {
  const { settings, problems } = readSettings(collected)
  if (settings) return settings
  const lines = problems.map(({ setting, problem }) => `  ${setting} ${problem}`)
  throw new CommandError(
    `These settings have to be mended, in the environment or in .dev.vars:\n${lines.join('\n')}`,
    { exitCode: 2 },
  )
}
