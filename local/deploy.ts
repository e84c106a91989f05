/**
 * `npm run deploy`: puts Postern on your Cloudflare account, and again every time you change something. Every step looks
 * first, so it can be repeated after a failure: database, migrations, secrets, Worker, health.
 */

import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError, readFlags, runCommand } from './command.ts'
import { ROOT } from './paths.ts'
import { WranglerError, wrangler } from './wrangler.ts'

/** D1 knows fewer places than Durable Objects. */
const D1_LOCATIONS = ['weur', 'eeur', 'apac', 'oc', 'wnam', 'enam']
const HEALTH_TRIES = 30

const USAGE = `npm run deploy
  Makes the database, migrates it, makes the secrets, deploys and asks /health: again after a failure and for every
  version. It takes from the environment:
  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID  in place of \`npx wrangler login\`
  JURISDICTION, LOCATION_HINT                  where data lives, chosen with the first deploy`

/** What can only be said before the first message, and is a variable of the Worker afterwards. */
const PLACE_SETTINGS = ['JURISDICTION', 'LOCATION_HINT'] as const

/** A failure of wrangler comes with what to do next. */
async function step<T>(work: Promise<T>, next: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw withAdvice(error, next)
  }
}

function withAdvice(error: unknown, next: string): unknown {
  if (!(error instanceof WranglerError)) return error
  return new CommandError(`${error.message}\n\n${next}`, { cause: error })
}

/** wrangler's list in JSON. */
function readList(text: string, command: string): { name: string }[] {
  try {
    return JSON.parse(text) as { name: string }[]
  } catch (error) {
    throw new CommandError(
      `wrangler ${command} gave no list. Run \`npx wrangler ${command}\` and see what it says instead:\n${text.trim()}`,
      { cause: error },
    )
  }
}

async function expectLogin(): Promise<void> {
  try {
    await wrangler(['whoami', '--json'])
  } catch (error) {
    if (!(error instanceof WranglerError) || !/"loggedIn":\s*false/.test(error.said)) {
      throw withAdvice(
        error,
        'Nothing was changed. Can this machine reach api.cloudflare.com, and is the API token valid?',
      )
    }
    if (!process.stdin.isTTY || process.env.CI) {
      throw new CommandError(
        'Not logged in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.',
      )
    }
    await step(
      wrangler(['login'], { shown: true }),
      'Nothing was changed. Log in, then run it again.',
    )
  }
}

async function databaseName(): Promise<string> {
  const toml = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
  const name = /^database_name = "([^"]+)"$/m.exec(toml)?.[1]
  if (!name) throw new CommandError('wrangler.toml names no D1 database (database_name).')
  return name
}

async function ensureDatabase(name: string): Promise<void> {
  const listed = await step(
    wrangler(['d1', 'list', '--json']),
    'Nothing was changed. An API token needs D1 (edit); with more than one account set CLOUDFLARE_ACCOUNT_ID.',
  )
  const known = readList(listed, 'd1 list')
  if (known.some((database) => database.name === name)) return
  const { JURISDICTION, LOCATION_HINT } = process.env
  const place = JURISDICTION
    ? ['--jurisdiction', JURISDICTION]
    : LOCATION_HINT && D1_LOCATIONS.includes(LOCATION_HINT)
      ? ['--location', LOCATION_HINT]
      : []
  await step(
    wrangler(['d1', 'create', name, '--update-config=false', ...place]),
    `Nothing was changed. Make the database yourself (npx wrangler d1 create ${name}), or mend what is said above, and run it again.`,
  )
  console.log(`Made the D1 database "${name}".`)
}

/** Names of the Worker's secrets; none where the Worker isn't there yet. Any other failure stops the deploy. */
async function knownSecrets(): Promise<string[]> {
  const listing = wrangler(['secret', 'list', '--format', 'json']).catch((error: unknown) => {
    if (error instanceof WranglerError && /Worker ".+" not found\./.test(error.said)) return '[]'
    throw error
  })
  // Guessing wrong here would replace the master key, which nobody can read back.
  const listed = await step(
    listing,
    'The database is migrated, the Worker is as it was. An API token needs Workers Scripts (edit). Run it again.',
  )
  return readList(listed, 'secret list').map(({ name }) => name)
}

/** A token removed on purpose (a `manage` key took its place) stays away: it comes only with the first master key. */
function newSecrets(known: string[]): Record<string, string> {
  if (known.includes('POSTERN_MASTER_KEY')) return {}
  const masterKey = { POSTERN_MASTER_KEY: randomBytes(32).toString('base64') }
  return known.includes('POSTERN_ADMIN_TOKEN')
    ? masterKey
    : { ...masterKey, POSTERN_ADMIN_TOKEN: randomBytes(32).toString('hex') }
}

/** Deploys and returns the addresses the Worker answers at. */
async function deployWorker(secrets: Record<string, string>): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-deploy-'))
  try {
    const secretsFile = join(dir, 'secrets.json')
    const outputFile = join(dir, 'output.ndjson')
    await writeFile(secretsFile, JSON.stringify(secrets), { mode: 0o600 })
    await writeFile(outputFile, '')
    const variables = PLACE_SETTINGS.flatMap((name) => {
      const value = process.env[name]
      return value ? ['--var', `${name}:${value}`] : []
    })
    const passing = Object.keys(secrets).length > 0 ? ['--secrets-file', secretsFile] : []
    const token = secrets.POSTERN_ADMIN_TOKEN
    await step(
      wrangler(['deploy', ...variables, ...passing], {
        env: { WRANGLER_OUTPUT_FILE_PATH: outputFile },
      }),
      `Mend what is said above and run it again; a Worker that ran before runs on.${
        token
          ? `\nShould the Worker be there all the same, this is its admin token, shown this once:\n\n  ${token}`
          : ''
      }`,
    )
    const records = (await readFile(outputFile, 'utf8')).split('\n').filter((line) => line !== '')
    return records
      .map((line) => JSON.parse(line) as { type: string; targets?: string[] })
      .flatMap((record) => (record.type === 'deploy' ? (record.targets ?? []) : []))
      .filter((target) => /^https?:\/\/[^*]+$/.test(target))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A new address takes a moment to be known everywhere. Returns the version that answers. */
async function expectHealth(url: string): Promise<string> {
  let last = ''
  for (let i = 0; i < HEALTH_TRIES; i++) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, 2000))
    try {
      const response = await ask(url, '/health')
      if (response.ok) return ((await response.json()) as { version?: string }).version ?? ''
      last = `HTTP ${response.status}`
      if (response.status < 500 && response.status !== 404) break
    } catch (error) {
      const { message, cause } = error as Error
      last = cause instanceof Error && cause.message ? cause.message : message
    }
  }
  throw new CommandError(
    `The Worker is deployed, but ${url}/health doesn't answer as it should (${last}). A new address may take some minutes: run it again, nothing is made twice. Else look at what the Worker says: npx wrangler tail`,
  )
}

/** Every route but the open ones says which settings are wrong. */
async function expectSettings(url: string): Promise<void> {
  const response = await ask(url, '/v1/status')
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  if (problem.code !== 'config.invalid') return
  throw new CommandError(
    `The Worker runs at ${url}, but takes no mail yet. ${problem.detail}\nSecrets: npx wrangler secret put NAME. Variables: [vars] in wrangler.toml, or the dashboard. See docs/deploy.md.`,
  )
}

function ask(url: string, path: string): Promise<Response> {
  return fetch(new URL(path, url), { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
}

function nextSteps(url: string): string {
  const bearer = '-H "Authorization: Bearer $POSTERN_ADMIN_TOKEN"'
  return `Next, add your relay and send a mail:

  curl -X PUT ${url}/v1/relays/primary ${bearer} -H "Content-Type: application/json" -d '{"host": "smtp.example.com", "auth": {"user": "USER", "password": "PASSWORD"}, "senders": ["*@example.com"]}'
  curl ${url}/v1/messages ${bearer} -H "Prefer: wait=10" -d from=you@example.com -d to=you@example.com -d subject=Hello -d text="It works."
`
}

async function main(): Promise<number> {
  readFlags({})
  await expectLogin()
  await ensureDatabase(await databaseName())
  await step(
    wrangler(['d1', 'migrations', 'apply', 'DB', '--remote']),
    'The migration that failed was taken back, and the Worker is as it was. Mend what is said above and run it again.',
  )
  console.log('The database is migrated.')
  const secrets = newSecrets(await knownSecrets())
  const [url] = await deployWorker(secrets)
  const token = secrets.POSTERN_ADMIN_TOKEN
  if (token) {
    console.log(`\nThe admin token, shown this once:\n\n  export POSTERN_ADMIN_TOKEN=${token}\n`)
  }
  if (!url) {
    console.log('Deployed, without an address of its own: add a route or a custom domain.')
    return 0
  }
  const version = await expectHealth(url)
  await expectSettings(url)
  console.log(`Postern ${version} runs at ${url}\n`)
  console.log(nextSteps(url))
  return 0
}

await runCommand(USAGE, main)
