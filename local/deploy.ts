/**
 * `npm run deploy`: puts Postern on your Cloudflare account, and again every time you change something. Every step looks
 * first, so it can be repeated after a failure: database, migrations, secrets, Worker, health.
 */

import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './paths.ts'
import { WranglerError, wrangler } from './wrangler.ts'

/** D1 knows fewer places than Durable Objects. */
const D1_LOCATIONS = ['weur', 'eeur', 'apac', 'oc', 'wnam', 'enam']
const HEALTH_TRIES = 30

/** What can only be said before the first message, and is a variable of the Worker afterwards. */
const PLACE_SETTINGS = ['JURISDICTION', 'LOCATION_HINT'] as const

class DeployError extends Error {
  override readonly name = 'DeployError'
}

async function expectLogin(): Promise<void> {
  try {
    await wrangler(['whoami', '--json'])
  } catch (error) {
    if (!(error instanceof WranglerError) || !/"loggedIn":\s*false/.test(error.said)) throw error
    if (!process.stdin.isTTY || process.env.CI) {
      throw new DeployError(
        'Not logged in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.',
      )
    }
    await wrangler(['login'], { shown: true })
  }
}

async function databaseName(): Promise<string> {
  const toml = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
  const name = /^database_name = "([^"]+)"$/m.exec(toml)?.[1]
  if (!name) throw new DeployError('wrangler.toml names no D1 database (database_name).')
  return name
}

async function ensureDatabase(name: string): Promise<void> {
  const known = JSON.parse(await wrangler(['d1', 'list', '--json'])) as { name: string }[]
  if (known.some((database) => database.name === name)) return
  const { JURISDICTION, LOCATION_HINT } = process.env
  const place = JURISDICTION
    ? ['--jurisdiction', JURISDICTION]
    : LOCATION_HINT && D1_LOCATIONS.includes(LOCATION_HINT)
      ? ['--location', LOCATION_HINT]
      : []
  await wrangler(['d1', 'create', name, '--update-config=false', ...place])
  console.log(`Made the D1 database "${name}".`)
}

/** Names of the Worker's secrets; none where the Worker isn't there yet. Any other failure stops the deploy. */
async function knownSecrets(): Promise<string[]> {
  try {
    const listed = JSON.parse(await wrangler(['secret', 'list', '--format', 'json']))
    return (listed as { name: string }[]).map(({ name }) => name)
  } catch (error) {
    // Guessing wrong here would replace the master key, which nobody can read back.
    if (error instanceof WranglerError && /Worker ".+" not found\./.test(error.said)) return []
    throw error
  }
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
    await wrangler(['deploy', ...variables, ...passing], {
      env: { WRANGLER_OUTPUT_FILE_PATH: outputFile },
    })
    const records = (await readFile(outputFile, 'utf8')).split('\n').filter((line) => line !== '')
    return records
      .map((line) => JSON.parse(line) as { type: string; targets?: string[] })
      .flatMap((record) => (record.type === 'deploy' ? (record.targets ?? []) : []))
      .filter((target) => /^https?:\/\/[^*]+$/.test(target))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A new address takes a moment to be known everywhere. */
async function expectHealth(url: string): Promise<string> {
  let last = ''
  for (let i = 0; i < HEALTH_TRIES; i++) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, 2000))
    try {
      const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(10_000) })
      if (response.ok) return ((await response.json()) as { version?: string }).version ?? ''
      last = `HTTP ${response.status}`
      if (response.status < 500 && response.status !== 404) break
    } catch (error) {
      last = (error as Error).message
    }
  }
  throw new DeployError(
    `The Worker is deployed, but ${url}/health doesn't answer as it should (${last}).`,
  )
}

function nextSteps(url: string): string {
  const bearer = '-H "Authorization: Bearer $POSTERN_ADMIN_TOKEN"'
  return `Next, add your relay and send a mail:

  curl -X PUT ${url}/v1/relays/primary ${bearer} -H "Content-Type: application/json" -d '{"host": "smtp.example.com", "auth": {"user": "USER", "password": "PASSWORD"}, "senders": ["*@example.com"]}'
  curl ${url}/v1/messages ${bearer} -H "Prefer: wait=10" -d from=you@example.com -d to=you@example.com -d subject=Hello -d text="It works."
`
}

async function main(): Promise<void> {
  await expectLogin()
  await ensureDatabase(await databaseName())
  await wrangler(['d1', 'migrations', 'apply', 'DB', '--remote'])
  console.log('The database is migrated.')
  const secrets = newSecrets(await knownSecrets())
  const [url] = await deployWorker(secrets)
  const token = secrets.POSTERN_ADMIN_TOKEN
  if (token) {
    console.log(`\nThe admin token, shown this once:\n\n  export POSTERN_ADMIN_TOKEN=${token}\n`)
  }
  if (!url) {
    console.log('Deployed, without an address of its own: add a route or a custom domain.')
    return
  }
  const version = await expectHealth(url)
  console.log(`Postern ${version} runs at ${url}\n`)
  console.log(nextSteps(url))
}

main().catch((error: Error) => {
  console.error(
    error instanceof DeployError || error instanceof WranglerError ? error.message : error,
  )
  process.exit(1)
})
