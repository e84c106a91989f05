/**
 * The gateway on local workerd, as it would run when deployed: persisted state, D1 migrated, a sweep every minute.
 * Requests reach the Worker without a proxy between; the network it may reach is given by the launcher, not by the Worker.
 */

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import type { RelayReach } from '../src/domain/relay-host-guard.ts'
import { build, readBuild, type WorkerBuild } from './build.ts'
import type { WorkerModule } from './bundle.ts'
import { takeDirectory } from './data-directory.ts'
import { type LocalDatabase, migrate } from './migrate.ts'
import { expectNoOrphan, forgetRuntime, MARK_PATH, noteRuntime } from './orphan.ts'
import { ROOT } from './paths.ts'

export interface GatewayOptions {
  /** 0 takes a free one. */
  port: number
  /** Default 127.0.0.1. */
  host?: string
  dataDir: string
  /** Settings and secrets, by name. */
  env: Record<string, string>
  /** What sockets may reach, whatever the settings say. */
  reach: RelayReach
  /** PEM certificates trusted beside the well-known roots. */
  trustedRoots?: string[]
  /** Host names a request may carry (with and without the port): others get 421. Any where left out. */
  hosts?: string[]
  /** What the Worker writes to its console, line by line; default standard output. */
  onLine?: (line: string) => void
  /** Serve what the last build left, whatever the sources say now. */
  asBuilt?: boolean
  /** V8's inspector on this port of loopback: whoever reaches it reads all secrets. Off where left out. */
  inspectorPort?: number
  /** Hosts that `fetch` reaches at another address (`127.0.0.1:8443`), as by curl's --connect-to: TLS proves their own names. */
  connectTo?: Record<string, string>
  /** Others in the place of the Worker's, `index.js` among them. */
  modules?: WorkerModule[]
}

export interface Gateway {
  url: string
  port: number
  database(): Promise<LocalDatabase>
  /** Runs the Worker's cron handler now; it also runs every minute. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

/** In workerd's words; `local` is loopback. */
const NETWORKS: Record<RelayReach, string[]> = {
  public: ['public'],
  private: ['public', 'private'],
  loopback: ['local'],
}

/** In the place of the runtime's own: every socket goes through the NETWORK binding. */
const SOCKETS = `import { env } from 'cloudflare:workers'
export const connect = (address, options) => env.NETWORK.connect(address, options)
`

/** However a module imports the runtime's sockets, it gets these: names of the runtime can't be taken by a module. */
function onNetwork(module: WorkerModule): WorkerModule {
  if (module.type !== 'ESModule') return module
  const contents = module.contents.replaceAll(/(['"`])cloudflare:sockets\1/g, '"./sockets.js"')
  return { ...module, contents }
}

/** The binding of each host of `connectTo`. */
function detours(connectTo: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(connectTo).map((host, nth) => [host, `NETWORK_${nth}`]))
}

function frontModule({ hosts, connectTo = {} }: GatewayOptions, mark: string): string {
  const answer = hosts
    ? 'named(request) ? worker.fetch(request, env, ctx) : refused()'
    : 'worker.fetch(request, env, ctx)'
  return `import { env } from 'cloudflare:workers'
import worker from './index.js'
const detours = new Map(${JSON.stringify(Object.entries(detours(connectTo)))})
const wayTo = (input) => env[detours.get(new URL(input.url ?? input).hostname) ?? 'NETWORK']
globalThis.fetch = (input, init) => wayTo(input).fetch(input, init)
export * from './index.js'
const hosts = new Set(${JSON.stringify(hosts ?? [])})
const requestId = () => 'req_' + crypto.randomUUID().replaceAll('-', '')
const refused = () => new Response('This gateway answers only to the host names of this machine.\\n', { status: 421, headers: { 'Request-Id': requestId() } })
const named = (request) => hosts.has((request.headers.get('host') ?? '').toLowerCase().replace(/:\\d+$/, ''))
const isMark = ({ url }) => url.slice(url.indexOf('/', 'https://'.length)) === ${JSON.stringify(MARK_PATH)}
export default { ...worker, fetch: (request, env, ctx) => (isMark(request) ? new Response(${JSON.stringify(mark)}) : ${answer}) }
`
}

/** PEM certificates in `NODE_EXTRA_CA_CERTS`; Windows has no root file that workerd could read. */
async function extraRoots(): Promise<string[]> {
  const roots = process.platform === 'win32' ? [...rootCertificates] : []
  const file = process.env.NODE_EXTRA_CA_CERTS
  if (!file) return roots
  const text = await readFile(file, 'utf8')
  return [
    ...roots,
    ...(text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []),
  ]
}

async function launch(
  options: GatewayOptions,
  { options: worker, modules }: WorkerBuild,
  mark: string,
): Promise<Miniflare> {
  const host = options.host ?? '127.0.0.1'
  const tlsOptions = {
    trustBrowserCas: true,
    trustedCertificates: [...(await extraRoots()), ...(options.trustedRoots ?? [])],
  }
  const bindingOf = detours(options.connectTo ?? {})
  const converted = convertV4MiniflareOptions({
    // miniflare's own entry stays on a random port; the direct socket is the gateway's address.
    host: '127.0.0.1',
    port: 0,
    cf: false,
    ...(options.inspectorPort !== undefined && { inspectorPort: options.inspectorPort }),
    workers: [
      {
        ...worker,
        name: 'postern',
        rootPath: ROOT,
        modulesRoot: ROOT,
        modules: [
          { type: 'ESModule', path: 'front.js', contents: frontModule(options, mark) },
          { type: 'ESModule', path: 'sockets.js', contents: SOCKETS },
          ...(options.modules ?? modules).map(onNetwork),
        ],
        bindings: { ...worker.bindings, ...options.env },
        serviceBindings: {
          NETWORK: { network: { allow: NETWORKS[options.reach], deny: [], tlsOptions } },
          ...Object.fromEntries(
            Object.entries(options.connectTo ?? {}).map(([host, address]) => [
              bindingOf[host],
              { external: { address, https: { options: {}, tlsOptions, certificateHost: host } } },
            ]),
          ),
        },
        unsafeDirectSockets: [{ host, port: options.port }],
      },
    ],
  })
  return new Miniflare({
    ...converted,
    logRequests: false,
    resourcePersistencePath: resolve(options.dataDir),
    handleStructuredLogs: ({ message }) => (options.onLine ?? console.log)(message),
  })
}

/**
 * Starts the gateway; when the promise is kept, it answers.
 * @throws CommandError where another gateway has the data directory, or nothing can be written there
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const built = options.asBuilt ? ((await readBuild()) ?? (await build())) : await build()
  const directory = await takeDirectory(options.dataDir)
  const mark = randomUUID()
  let runtime: Miniflare
  try {
    await expectNoOrphan(options.dataDir)
    runtime = await launch(options, built, mark)
  } catch (error) {
    directory.release()
    throw error
  }
  const end = async () => {
    await runtime.dispose()
    await forgetRuntime(options.dataDir)
    directory.release()
  }
  try {
    const url = await runtime.unsafeGetDirectURL('postern')
    await noteRuntime(options.dataDir, { port: Number(url.port), mark })
    const database = async () => (await runtime.getD1Database('DB')) as unknown as LocalDatabase
    await migrate(await database(), built.migrations)
    const worker = await runtime.getWorker('postern')
    const sweep = async () => {
      await worker.scheduled({ cron: '* * * * *', scheduledTime: new Date() })
    }
    const timer = setInterval(() => {
      // A sweep that fails says so in the Worker's own log; the next one comes in a minute.
      sweep().catch(() => undefined)
    }, 60_000)
    return {
      url: `http://${url.host}`,
      port: Number(url.port),
      database,
      sweep,
      stop: async () => {
        clearInterval(timer)
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}
