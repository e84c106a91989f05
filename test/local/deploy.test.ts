import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { listen } from '../support/listen.ts'
import { runScript } from '../support/program.ts'

let dir = ''
let worker: Server
let target = ''
/** What the deployed Worker answers, by path. */
let answers: Record<string, { status: number; body: object; location?: string }> = {}

beforeEach(async () => {
  answers = {
    '/health': { status: 200, body: { status: 'ok', version: '9.8.7' } },
    '/v1/status': { status: 401, body: { code: 'auth.missing' } },
  }
  dir = await mkdtemp(join(tmpdir(), 'postern-deploy-test-'))
  worker = createServer((request, response) => {
    const { status, body, location } = answers[request.url ?? ''] ?? { status: 404, body: {} }
    response.writeHead(status, location === undefined ? {} : { location })
    response.end(JSON.stringify(body))
  })
  target = `http://127.0.0.1:${await listen(worker)}`
})
afterEach(async () => {
  worker.close()
  await rm(dir, { recursive: true, force: true })
})

interface Call {
  args: string[]
  secrets?: Record<string, string>
  mode?: number
}

const FRESH = { loggedIn: true, databases: [] as string[], secrets: null as string[] | null }
const RUNNING = {
  ...FRESH,
  databases: ['other', 'postern'],
  secrets: ['POSTERN_ADMIN_TOKEN', 'POSTERN_MASTER_KEY'],
}

async function deploy(account: object, env: Record<string, string> = {}) {
  const file = join(dir, 'state.json')
  await writeFile(file, JSON.stringify({ target, calls: [], ...account }))
  const { code, said } = await runScript('local/deploy.ts', [], {
    env: {
      TMPDIR: dir,
      POSTERN_WRANGLER: join(ROOT, 'test', 'local', 'fake-wrangler.ts'),
      FAKE_STATE: file,
      ...env,
    },
  })
  const { calls } = JSON.parse(await readFile(file, 'utf8')) as { calls: Call[] }
  return { code, said, calls, commands: calls.map(({ args }) => args.slice(0, 3).join(' ')) }
}

test('the first deploy makes database and secrets, and says the token once', async () => {
  const { code, said, calls, commands } = await deploy(FRESH)
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(commands).toEqual([
    'whoami --json',
    'd1 list --json',
    'd1 create postern',
    'd1 migrations apply',
    'secret list --format',
    `deploy --secrets-file ${calls.at(-1)?.args[2]}`,
  ])
  const { secrets = {}, mode, args } = calls.at(-1) ?? { args: [] }
  expect(secrets.POSTERN_ADMIN_TOKEN).toMatch(/^[0-9a-f]{64}$/)
  expect(Buffer.from(secrets.POSTERN_MASTER_KEY ?? '', 'base64')).toHaveLength(32)
  expect(mode).toBe(0o600)
  await expect(readFile(args[2] ?? '')).rejects.toThrow('ENOENT')
  expect(said).toContain(`export POSTERN_ADMIN_TOKEN=${secrets.POSTERN_ADMIN_TOKEN}\n`)
  expect(said.split(secrets.POSTERN_ADMIN_TOKEN ?? '')).toHaveLength(2)
  expect(said).not.toContain(secrets.POSTERN_MASTER_KEY)
  expect(said).toContain(`Postern 9.8.7 runs at ${target}`)
  expect(said).toContain(`curl -X PUT ${target}/v1/relays/primary`)
  expect(said).toContain(`curl ${target}/v1/messages`)
})

test('the next deploy touches neither database nor secrets', async () => {
  const { code, said, calls, commands } = await deploy(RUNNING)
  expect(code).toBe(0)
  expect(commands).not.toContain('d1 create postern')
  expect(calls.at(-1)).toEqual({ args: ['deploy'] })
  expect(said).not.toContain('POSTERN_ADMIN_TOKEN=')
})

test('an admin token removed on purpose stays away', async () => {
  const { calls } = await deploy({ ...RUNNING, secrets: ['POSTERN_MASTER_KEY'] })
  expect(calls.at(-1)).toEqual({ args: ['deploy'] })
})

test.each([
  ['whoami', 'whoami --json', 'Nothing was changed. Can this machine reach api.cloudflare.com'],
  ['d1 list', 'd1 list --json', 'Nothing was changed. An API token needs D1 (edit)'],
  ['d1 create', 'd1 create postern', 'npx wrangler d1 create postern'],
  ['d1 migrations', 'd1 migrations apply', 'The migration that failed was taken back'],
  ['secret list', 'secret list --format', 'the Worker is as it was'],
])('when %s fails it stops there and says what to do', async (step, last, next) => {
  const failing = { command: step === 'whoami' ? last : step, text: 'A request failed [10000]' }
  const { code, said, commands } = await deploy({ ...FRESH, failing })
  expect(code).toBe(1)
  expect(said).toContain(`wrangler ${failing.command} failed:\nA request failed [10000]\n\n`)
  expect(said).toContain(next)
  expect(said).not.toMatch(/^ +at /m)
  expect(commands.at(-1)).toBe(last)
})

test('a list that is none stops it too', async () => {
  const { code, said, commands } = await deploy({ ...RUNNING, secrets: 'Hello!' })
  expect(code).toBe(1)
  expect(said).toContain('Run `npx wrangler secret list` and see what it says instead')
  expect(commands).not.toContain('deploy')
})

test('the token of a deploy that failed half-way is not lost', async () => {
  const failing = { command: 'deploy --secrets-file', text: 'Register a workers.dev subdomain' }
  const { code, said, calls } = await deploy({ ...FRESH, failing })
  expect(code).toBe(1)
  expect(said).toContain('Register a workers.dev subdomain')
  expect(said).toMatch(/its admin token, shown this once:\n\n {2}[0-9a-f]{64}\n/)
  expect(calls).toHaveLength(6)
})

test('a Worker that does not answer, or lacks a setting, is no success', async () => {
  answers['/login'] = { status: 200, body: { status: 'ok' } }
  answers['/health'] = { status: 302, body: {}, location: '/login' }
  const silent = await deploy(RUNNING)
  expect(silent.code).toBe(1)
  expect(silent.said).toContain(`${target}/health doesn't answer as it should (HTTP 302)`)
  expect(silent.said).toContain('npx wrangler tail')

  answers['/health'] = { status: 200, body: { version: '9.8.7' } }
  const detail = 'Set what is missing and deploy again: POSTERN_MASTER_KEY is missing.'
  answers['/v1/status'] = { status: 503, body: { code: 'config.invalid', detail } }
  const unset = await deploy(RUNNING)
  expect(unset.code).toBe(1)
  expect(unset.said).toContain(detail)
  expect(unset.said).toContain('npx wrangler secret put NAME')
})

test('D1 is told of a place only where it knows it', async () => {
  const known = await deploy(FRESH, { LOCATION_HINT: 'weur' })
  expect(known.calls.find(({ args }) => args[1] === 'create')?.args.slice(-2)).toEqual([
    '--location',
    'weur',
  ])
  const unknown = await deploy(FRESH, { LOCATION_HINT: 'afr' })
  expect(unknown.calls.find(({ args }) => args[1] === 'create')?.args).not.toContain('--location')
  expect(unknown.calls.at(-1)?.args.slice(0, 3)).toEqual(['deploy', '--var', 'LOCATION_HINT:afr'])
})

test('a place is chosen for database and Worker alike', async () => {
  const { calls } = await deploy(FRESH, { JURISDICTION: 'eu' })
  expect(calls.find(({ args }) => args[1] === 'create')?.args.slice(-2)).toEqual([
    '--jurisdiction',
    'eu',
  ])
  expect(calls.at(-1)?.args.slice(0, 3)).toEqual(['deploy', '--var', 'JURISDICTION:eu'])
})

test('without a login it says how to log in', async () => {
  const { code, said, calls } = await deploy({ ...FRESH, loggedIn: false })
  expect(code).toBe(1)
  expect(said).toContain('npx wrangler login')
  expect(calls).toHaveLength(1)
})
