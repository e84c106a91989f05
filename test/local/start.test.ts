import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'

let dir = ''
const children: ChildProcess[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-start-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) await stop(child)
  await rm(dir, { recursive: true, force: true })
})

async function stop(child: ChildProcess): Promise<number | null> {
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.kill('SIGINT')
  return closed
}

/** Ports nobody used a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((done) => server.once('listening', done))))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** Runs `npm start` until it printed a line that begins with curl, or ended. */
async function start(ports: number[], env: Record<string, string> = {}) {
  const [port, mailbox, ...relay] = ports
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'local', 'start.ts'),
      ...['--port', String(port), '--mailbox-port', String(mailbox)],
      ...['--relay-ports', relay.join(',')],
    ],
    { cwd: dir, env: { PATH: process.env.PATH, ...env } },
  )
  children.push(child)
  let said = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (/^ *curl .*\n/m.test(said)) resolve()
      })
    }
    void ended.then(() => resolve())
  })
  return { child, said, ended, port }
}

function statusFor(port: number | undefined, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/health', headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .once('error', reject)
      .end()
  })
}

test('says what runs, keeps strangers out by Host, and stops on Ctrl-C', async () => {
  const ports = await freePorts(5)
  const { child, said, port } = await start(ports)
  expect(said.split('\n')).toContain(
    `  curl localhost:${port}/v1/messages -H 'Authorization: Bearer pst_local' -H 'Prefer: wait=10' -d from=ada@example.com -d to=you@example.net -d subject=Hello -d text='It works.'`,
  )
  expect(said).toContain(`http://localhost:${ports[1]}`)
  expect(said).not.toContain('LEAVES THIS MACHINE')
  expect(await statusFor(port, `localhost:${port}`)).toBe(200)
  expect(await statusFor(port, `127.0.0.1:${port}`)).toBe(200)
  expect(await statusFor(port, `evil.example:${port}`)).toBe(421)
  expect(await stop(child)).toBe(0)
  await expect(statusFor(port, 'localhost')).rejects.toThrow('ECONNREFUSED')
})

test('with a real relay it takes another key and says so in capitals', async () => {
  const { said } = await start(await freePorts(5), {
    POSTERN_RELAY_URL: 'smtp://user:secret-password@smtp.example.com',
  })
  expect(said).toContain('MAIL NOW LEAVES THIS MACHINE')
  expect(said).toMatch(/Bearer pst_[0-9a-z]{26}_[0-9a-z]{39}'/)
  expect(said).not.toContain('pst_local')
  expect(said).not.toContain('secret-password')
})

test('a taken port is named, with the way to another', async () => {
  const ports = await freePorts(5)
  const squatter = createServer().listen(ports[2], '127.0.0.1')
  await new Promise((resolve) => squatter.once('listening', resolve))
  const { said, ended } = await start(ports)
  expect(await ended).toBe(1)
  squatter.close()
  expect(said).toContain(`Port ${ports[2]} for the relay's shut port is taken`)
  expect(said).toContain('--relay-ports SHUT,IMPLICIT,STARTTLS')
})

test('all wrong settings are named at once, without their values', async () => {
  const { said, ended } = await start(await freePorts(5), {
    OUTBOX_SHARDS: 'many',
    HOLD_AFTER: 'later',
  })
  expect(await ended).toBe(2)
  expect(said).toContain('OUTBOX_SHARDS')
  expect(said).toContain('HOLD_AFTER')
  expect(said).not.toMatch(/many|later/)
})
