import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPort } from '../../local/command.ts'
import { listen } from '../support/listen.ts'
import { runScript } from '../support/program.ts'

const START = 'local/start.ts'
const SERVE = 'local/serve.ts'
const DEPLOY = 'local/deploy.ts'
const BENCH = 'bench/run.ts'
const SECRETS = {
  POSTERN_ADMIN_TOKEN: 'adm_0123456789abcdef0123456789abcdef',
  POSTERN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
}

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-command-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function run(script: string, args: string[], env: Record<string, string> = {}) {
  const ran = await runScript(script, args, { cwd: dir, env })
  expect(ran.said).not.toMatch(/^ +at /m)
  return ran
}

describe.each([
  ['npm start', START],
  ['npm run serve', SERVE],
  ['npm run deploy', DEPLOY],
  ['npm run bench', BENCH],
])('%s', (name, command) => {
  test('tells its flags when asked', async () => {
    const { code, said } = await run(command, ['--help'])
    expect(code).toBe(0)
    expect(said.startsWith(name)).toBe(true)
  })

  test('refuses what it does not know, with its usage', async () => {
    const flag = await run(command, ['--prot', '1'])
    expect(flag.code).toBe(2)
    expect(flag.said).toMatch(/^Unknown option '--prot'\.\n\n/)
    expect(flag.said).toContain(`\n${name}`)
    const argument = await run(command, ['9000'])
    expect(argument.code).toBe(2)
    expect(argument.said).toContain('npm hands flags on only after "--"')
  })
})

test.each([
  [START, ['--port'], "Option '--port <value>' argument missing."],
  [START, ['--relay-ports', '1,2'], '--relay-ports takes three ports.'],
  [START, ['--relay-ports', '20001,20002,20001'], 'Port 20001 is given twice'],
  [SERVE, ['--port', '--data', 'x'], "Option '--port' argument is ambiguous."],
  [SERVE, ['--data', ' '], '--data needs a directory.'],
])('%s %j is a wrong call', async (command, args, sentence) => {
  const { code, said } = await run(command, args)
  expect(code).toBe(2)
  expect(said).toContain(sentence)
  expect(said).toContain('\n\nnpm ')
})

test('a port is a number of its range', () => {
  expect(readPort('65535')).toBe(65535)
  expect(readPort('0', 0)).toBe(0)
  for (const text of ['0', '65536', '8o', '', '-1', '1.5', '1e3']) {
    expect(() => readPort(text)).toThrow(`"${text}" is no port: it is a number from 1 to 65535.`)
  }
})

test('a port that is taken is named, with the call that takes another', async () => {
  const squatter = createServer()
  const port = await listen(squatter)
  const started = await run(START, ['--port', String(port)])
  const served = await run(SERVE, ['--port', String(port), '--data', dir], SECRETS)
  squatter.close()
  expect(started).toEqual({
    code: 1,
    said: `Port ${port} for the gateway is taken by another program. Choose another: npm start -- --port N\n`,
  })
  expect(served).toEqual({
    code: 1,
    said: `Port ${port} for the gateway is taken by another program. Choose another: npm run serve -- --port N\n`,
  })
})

test('an address of another machine is none to listen on', async () => {
  const { code, said } = await run(SERVE, ['--port', '0', '--host', '192.0.2.1'], SECRETS)
  expect(code).toBe(1)
  expect(said).toMatch(/^192\.0\.2\.1 is no address of this machine .*--host ADDRESS\.\n$/)
})

test('a data directory that cannot be written is named', async () => {
  const file = join(dir, 'file')
  await writeFile(file, '')
  for (const { code, said } of [
    await run(START, ['--data', file]),
    await run(SERVE, ['--port', '0', '--data', file], SECRETS),
  ]) {
    expect(code).toBe(1)
    expect(said).toMatch(
      /^Nothing can be written to \S+file\S* \(E\w+\)\. Choose another directory with --data DIR\.\n$/,
    )
  }
})

test('damaged secrets are not replaced', async () => {
  const file = join(dir, 'local', 'secrets.json')
  await mkdir(join(dir, 'local'))
  await writeFile(file, '{')
  const { code, said } = await run(START, ['--data', dir])
  expect(code).toBe(1)
  expect(said).toContain(`${file} can't be read.`)
})

test('.dev.vars that cannot be read is named, and a wrong setting without its value', async () => {
  await mkdir(join(dir, '.dev.vars'))
  expect(await run(SERVE, [], SECRETS)).toEqual({
    code: 1,
    said: ".dev.vars can't be read (EISDIR).\n",
  })
  await rm(join(dir, '.dev.vars'), { recursive: true })
  const { code, said } = await run(SERVE, [], { ...SECRETS, POSTERN_RELAY_URL: 'nonsense' })
  expect(code).toBe(2)
  expect(said).toContain('POSTERN_RELAY_URL')
  expect(said).not.toContain('nonsense')
})
