/** A gateway as a process of its own: `node local/serve.ts` with a data directory, on real workerd and real sockets. */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../../local/paths.ts'

export interface TestGatewayOptions {
  /** Settings beside or instead of the defaults (random secrets, private relays allowed); undefined takes one away. */
  env?: Record<string, string | undefined>
  /** Kept after stop() where given; else a temporary directory, removed by stop(). */
  dataDir?: string
  /** PEM file of roots to trust beside the well-known ones. */
  caFile?: string
  /** Another program than `npm run serve` and its arguments after the data directory; it has to say the same when it listens. */
  program?: [file: string, ...args: string[]]
}

export interface TestGateway {
  /** Changes with restart(). */
  readonly url: string
  readonly adminToken: string
  readonly dataDir: string
  /** Everything written to standard output and error so far, over restarts. */
  readonly lines: string[]
  /** Those of the lines that are JSON objects: the delivery log and the Worker's own records. */
  readonly logs: Record<string, unknown>[]
  /** As the admin, unless `init` has its own Authorization (an empty one sends none). */
  fetch(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Resolves with the first log record, written or still to come, that `matches`. */
  log(matches: (record: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  /** Runs the cron handler. */
  sweep(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL to the launcher and workerd at once; the data stays. */
  kill(): Promise<void>
  /** SIGKILL to the launcher alone: workerd lives on, until kill(). */
  killLauncher(): Promise<void>
  /** Starts again on the same data, after stop or kill too; `env` is added to the settings. */
  restart(env?: Record<string, string | undefined>): Promise<void>
}

type Watcher = (record: Record<string, unknown>) => void

/** Starts one and resolves when it answers; rejects with what it said where it ends instead. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const adminToken = options.env?.POSTERN_ADMIN_TOKEN ?? `adm_${randomBytes(24).toString('hex')}`
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'postern-data-')))
  let settings: Record<string, string | undefined> = {
    POSTERN_ADMIN_TOKEN: adminToken,
    POSTERN_MASTER_KEY: randomBytes(32).toString('base64'),
    ALLOW_PRIVATE_RELAYS: '1',
    ...options.env,
  }
  const lines: string[] = []
  const logs: Record<string, unknown>[] = []
  const watchers = new Set<Watcher>()
  let running: { child: ChildProcess; ended: Promise<number | null> } | null = null
  let url = ''

  function take(line: string): void {
    lines.push(line)
    if (!line.startsWith('{')) return
    try {
      const record = JSON.parse(line) as Record<string, unknown>
      logs.push(record)
      for (const watcher of watchers) watcher(record)
    } catch {
      // A line that only looks like JSON stays in `lines`.
    }
  }

  async function start(): Promise<void> {
    const environment = {
      PATH: process.env.PATH,
      SystemRoot: process.env.SystemRoot,
      TMPDIR: process.env.TMPDIR,
      NODE_EXTRA_CA_CERTS: options.caFile,
      ...settings,
    }
    const [program, ...rest] = options.program ?? []
    const child = spawn(
      process.execPath,
      program
        ? [program, dataDir, ...rest]
        : [join(ROOT, 'local', 'serve.ts'), '--port', '0', '--data', dataDir, '--as-built'],
      {
        // Away from the checkout, so that nobody's .dev.vars takes part.
        cwd: dataDir,
        env: Object.fromEntries(Object.entries(environment).filter(([, value]) => value)),
        // A process group of its own, so that kill() reaches workerd too.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    )
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const since = lines.length
    url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (!stream) continue
        createInterface(stream).on('line', (line) => {
          take(line)
          const ready = /^Postern listens on (\S+)$/.exec(line)
          if (ready?.[1]) resolve(ready[1])
        })
      }
      child.once('error', reject)
      void ended.then(() =>
        reject(new Error(`The gateway ended:\n${lines.slice(since).join('\n')}`)),
      )
    })
    running = { child, ended }
  }

  async function end(how: (child: ChildProcess) => void): Promise<number | null> {
    const current = running
    if (!current) return 0
    running = null
    how(current.child)
    return current.ended
  }

  async function stop(): Promise<void> {
    const code = await end((child) => child.kill('SIGTERM'))
    if (code !== 0) throw new Error(`The gateway stopped with ${code}:\n${lines.join('\n')}`)
  }

  const fetchAs = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${adminToken}`)
    else if (headers.get('authorization') === '') headers.delete('authorization')
    return fetch(new URL(path, url).href, { ...init, headers })
  }

  await start()
  return {
    get url() {
      return url
    },
    adminToken,
    dataDir,
    lines,
    logs,
    fetch: fetchAs,
    post: (path, body, headers = {}) =>
      fetchAs(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    log: (matches) =>
      new Promise((resolve) => {
        const found = logs.find(matches)
        if (found) return resolve(found)
        const watcher: Watcher = (record) => {
          if (!matches(record)) return
          watchers.delete(watcher)
          resolve(record)
        }
        watchers.add(watcher)
      }),
    sweep: () =>
      new Promise((resolve, reject) => {
        const child = running?.child
        if (!child) return reject(new Error('The gateway is not running'))
        child.once('message', (answer) =>
          answer === 'swept' ? resolve() : reject(new Error(String(answer))),
        )
        child.send('sweep')
      }),
    stop: async () => {
      await stop()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
    killLauncher: async () => {
      const child = running?.child
      if (!child) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    kill: async () => {
      await end((child) => process.kill(-(child.pid ?? 0), 'SIGKILL'))
    },
    restart: async (env = {}) => {
      await stop()
      settings = { ...settings, ...env }
      await start()
    },
  }
}
