/** `npm run doctor` as a process of its own, against scripted relays over real TCP. */

import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { unusedPort } from '../support/black-hole.ts'
import { makeCertificates } from '../support/certificates.ts'
import { runScript } from '../support/program.ts'
import { ACCOUNT, type ScriptedRelay, startScriptedRelay } from '../support/scripted-relay.ts'

const certificates = await makeCertificates()
const running: ScriptedRelay[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((relay) => relay.close()))
})
afterAll(() => rm(dirname(certificates.caFile), { recursive: true, force: true }))

async function start(certificate = certificates.good): Promise<ScriptedRelay> {
  const relay = await startScriptedRelay({ mode: 'starttls', certificate })
  running.push(relay)
  return relay
}

function doctor(args: string[], env: Record<string, string> = {}, input = '') {
  const trusting = { NODE_EXTRA_CA_CERTS: certificates.caFile, ALLOW_PRIVATE_RELAYS: '1' }
  return runScript('local/doctor.ts', args, { env: { ...trusting, ...env }, input })
}

const portOf = (relay: ScriptedRelay) => ['--port', `${relay.port}:starttls`]

test('prints every route and the advice; 0 where one works', async () => {
  const relay = await start()
  const dead = await unusedPort()
  const { code, said } = await doctor([
    'localhost',
    ...['--port', `${dead}:implicit`],
    ...portOf(relay),
  ])
  expect(said).toContain(`localhost: ${dead} refused the connection; ${relay.port} works.`)
  expect(said).toMatch(
    new RegExp(`${dead}/implicit +- +- +- +- +\\d+ +connect_failed \\(rule 4\\)`),
  )
  expect(said).toMatch(
    new RegExp(`${relay.port}/starttls +yes +yes +proven +PLAIN LOGIN +\\d+ +ok`),
  )
  expect(said).toContain(`→ Nothing has to be done: mail goes over ${relay.port}.`)
  expect(code).toBe(0)
  expect(relay.commands('AUTH')).toEqual([])
})

test('logs in with the password of the environment, or of standard input', async () => {
  const relay = await start()
  const args = ['localhost', ...portOf(relay), '--user', ACCOUNT.user]
  const good = await doctor(args, { SMTP_PASSWORD: ACCOUNT.password })
  expect(good.said).toContain('the login works')
  expect(good.code).toBe(0)
  const typed = await doctor(args, {}, `${ACCOUNT.password}\n`)
  expect(typed.code).toBe(0)
  const wrong = await doctor(args, { SMTP_PASSWORD: 'mistyped-words' })
  expect(wrong.said).toContain('login: auth_rejected')
  expect(wrong.code).toBe(1)
  for (const { said } of [good, typed, wrong]) {
    expect(said).not.toContain(ACCOUNT.password)
    expect(said).not.toContain('mistyped-words')
  }
  expect(relay.commands('AUTH')).toHaveLength(3)
})

test('1 where no route works', async () => {
  const relay = await start(certificates.expired)
  const { code, said } = await doctor(['localhost', ...portOf(relay)])
  expect(said).toContain('There is no switch to ignore it.')
  expect(code).toBe(1)
})

test('--json is what the API answers', async () => {
  const relay = await start()
  const { said } = await doctor(['localhost', ...portOf(relay), '--json'])
  expect(JSON.parse(said)).toMatchObject({ works: true, host: 'localhost', login: null })
})

test('--help', async () => {
  const { code, said } = await doctor(['--help'])
  expect(said).toMatch(/^npm run doctor -- HOST/)
  expect(code).toBe(0)
})

test.each([
  [[], {}, 'Give one host.'],
  [['127.0.0.1'], {}, 'is an IP address'],
  [['localhost'], { ALLOW_PRIVATE_RELAYS: '0' }, 'is a name of this machine'],
  [['smtp.example.com', '--port', '25'], { ALLOW_PRIVATE_RELAYS: '0' }, 'is no relay port'],
  [['smtp.example.com', '--port', '587:none'], {}, 'is no port like 587:starttls'],
  [['smtp.example.com', '--password', 'x'], {}, "Unknown option '--password'"],
  [['smtp.example.com', '--user', 'ada'], {}, 'No password was given.'],
])('%j ends with the usage', async (args, env, why) => {
  const { code, said } = await doctor(args, env)
  expect(said).toContain(why)
  expect(said).toContain('npm run doctor -- HOST')
  expect(code).toBe(2)
})
