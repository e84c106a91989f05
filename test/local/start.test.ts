import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { expectFree } from '../../local/ports.ts'

interface Message {
  id: string
  status: string
  queue_id: string
  attempts: { sessions: object[] }[]
}

let dir = ''
const children: ChildProcess[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-start-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) await stop(child)
  }
  await rm(dir, { recursive: true, force: true })
})

async function stop(child: ChildProcess): Promise<number | null> {
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.kill('SIGINT')
  return closed
}

/** Free ports below those that the system hands out by itself, so that nobody else gets them in between. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(15_000, 30_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return expectFree(port, 'a test', '').then(
    () => true,
    () => false,
  )
}

/** Runs `npm start` until it printed a line that begins with curl, or ended. */
async function start(ports: number[], env: Record<string, string> = {}, shell?: string) {
  const [port, mailbox, ...relay] = ports
  const line = [
    ...[process.execPath, join(ROOT, 'local', 'start.ts')],
    ...['--port', String(port), '--mailbox-port', String(mailbox)],
    ...['--relay-ports', relay.join(',')],
  ]
  const [program = '', ...args] = shell ? ['sh', '-c', shell, ...line] : line
  const child = spawn(program, args, { cwd: dir, env: { PATH: process.env.PATH, ...env } })
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
      if (!response.headers['request-id']) reject(new Error('no Request-Id'))
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
  const front = await fetch(`http://localhost:${port}/`, {
    headers: { accept: 'application/json' },
  })
  expect(await front.json()).toMatchObject({
    ticks: [
      { done: true },
      { name: 'relay', done: true, command: expect.stringMatching(/ npm start$/) },
      { name: 'key', done: true, command: expect.stringContaining('Bearer pst_local') },
      { command: expect.stringContaining('Bearer pst_local') },
    ],
  })
  expect(await stop(child)).toBe(0)
  await expect(statusFor(port, 'localhost')).rejects.toThrow('ECONNREFUSED')
})

test.skipIf(process.platform === 'win32')(
  'ends with the shell that npm put between, which hands no signal on',
  async () => {
    const npm = { npm_lifecycle_event: 'start', npm_lifecycle_script: 'node local/start.ts' }
    const { child, said, ended, port } = await start(await freePorts(5), npm, '"$0" "$@"; :')
    expect(said).toContain('Ctrl-C stops it')
    child.kill('SIGTERM')
    // The gateway holds the shell's output until it has ended itself.
    await ended
    await expect(statusFor(port, `localhost:${port}`)).rejects.toThrow('ECONNREFUSED')
  },
)

test('the first mail falls back to 465, and a second start finds it', async () => {
  const ports = await freePorts(5)
  const first = await start(ports)
  const key = { authorization: 'Bearer pst_local' }
  const sent = await fetch(`http://localhost:${first.port}/v1/messages`, {
    method: 'POST',
    headers: { ...key, prefer: 'wait=30' },
    body: new URLSearchParams({
      from: 'ada@example.com',
      to: 'you@example.net',
      subject: 'Hello',
      text: 'It works.',
    }),
  })
  const message = (await sent.json()) as Message
  expect(message).toMatchObject({ status: 'relayed' })
  expect(message.attempts[0]?.sessions).toMatchObject([
    { route: `${ports[2]}/starttls`, outcome: 'connect_failed' },
    { route: `${ports[3]}/implicit`, outcome: 'relayed', tls: { proven: true } },
  ])
  expect(await stop(first.child)).toBe(0)

  const second = await start(ports)
  const again = await fetch(`http://localhost:${second.port}/v1/messages/${message.id}`, {
    headers: key,
  })
  expect(await again.json()).toMatchObject({ id: message.id, status: 'relayed' })
  const page = await fetch(`http://localhost:${ports[1]}/mail/${message.queue_id}`)
  expect(await page.text()).toContain('It works.')
})

test('the key that everybody knows sends nothing off this machine', async () => {
  const { port } = await start(await freePorts(5), { ALLOW_PRIVATE_RELAYS: '1' })
  const put = async (host: string) => {
    const answer = await fetch(`http://localhost:${port}/v1/relays/mine`, {
      method: 'PUT',
      headers: { authorization: 'Bearer pst_local', 'content-type': 'application/json' },
      body: JSON.stringify({ host }),
    })
    return {
      status: answer.status,
      ...((await answer.json()) as { code?: string; detail?: string }),
    }
  }
  const refused = await put('smtp.example.com')
  expect(refused).toMatchObject({ status: 422, code: 'relay.host_refused' })
  expect(refused.detail).toMatch(/POSTERN_RELAY_URL=… npm start.*npm run serve/)
  expect((await put('nas.lan')).status).toBe(422)
  expect((await put('localhost')).status).toBe(201)
})

test('with a real relay it takes another key and says so in capitals', async () => {
  const { said } = await start(await freePorts(5), {
    POSTERN_RELAY_URL: 'smtp://user:secret-password@smtp.example.com',
  })
  expect(said).toContain('MAIL NOW LEAVES THIS MACHINE')
  expect(said).toMatch(/Bearer pst_[0-9a-z]{26}_[0-9a-z]{39}'/)
  expect(said).not.toContain('pst_local')
  expect(said).not.toContain('secret-password')
  expect(await readdir(join(dir, '.postern'))).toEqual(['real'])
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

test('a second start beside the first says that its data is in use', async () => {
  await start(await freePorts(5))
  const { said, ended } = await start(await freePorts(5))
  expect(await ended).toBe(1)
  expect(said).toContain(`Another gateway runs on the data in ${join('.postern', 'local')}.`)
})
