/** The only file that knows everything: it builds the graphs of the Worker and of the objects from the environment. */

import { Gate } from './app/gate.ts'
import { GateTokens } from './app/gate-tokens.ts'
import { protectionPlanner } from './app/protection-planner.ts'
import { IndexPublisher } from './app/publish-index.ts'
import { Pump } from './app/pump.ts'
import { openPassword } from './app/relay-credential.ts'
import { sandboxGate } from './app/sandbox.ts'
import { Waiters } from './app/waiters.ts'
import { describeError } from './domain/describe-error.ts'
import type { StoredRelay } from './domain/relay.ts'
import { SANDBOX_SHARD } from './domain/sandbox.ts'
import type { SettingProblem } from './domain/setting-reader.ts'
import type { Settings } from './domain/settings.ts'
import { createProviderCache } from './e2ee/provider-cache.ts'
import { providerEntries } from './e2ee/providers.ts'
import { createRegistry } from './e2ee/registry.ts'
import { type Env, readSettings, type Secrets } from './env.ts'
import type { Deps } from './http/context.ts'
import { dialCloudflare } from './net/cloudflare-socket.ts'
import { httpSigner } from './net/http-signer.ts'
import { relayConnector } from './net/ladder.ts'
import { outsideFetch } from './net/outside-fetch.ts'
import { sandboxDial } from './net/sandbox-socket.ts'
import { createSnsCertificates } from './net/sns-certificates.ts'
import { askTokenEndpoint } from './net/token-endpoint.ts'
import { webKeyDirectory } from './net/wkd.ts'
import { consoleLog, type DeliveryLog } from './objects/delivery-log.ts'
import { envelopeId } from './objects/envelope-id.ts'
import type { OutboxParts } from './objects/outbox.ts'
import { systemClock } from './ports/clock.ts'
import type { ChangeListener, MessageStore } from './ports/message-store.ts'
import type { OutboxRpc } from './ports/outbox.ts'
import type { RelayGateRpc } from './ports/relay-gate.ts'
import type { Dial } from './ports/socket.ts'
import { createCallStore } from './storage/call-store.ts'
import { createAnswerStore } from './storage/d1-answers.ts'
import { createSweepStore } from './storage/d1-sweeps.ts'
import { createDiscoveryStore } from './storage/discovery-store.ts'
import { createDkimStore } from './storage/dkim-store.ts'
import { createIdentityStore } from './storage/e2ee-identity-store.ts'
import { createE2eeKeyStore } from './storage/e2ee-key-store.ts'
import { createPolicyStore } from './storage/e2ee-policy-store.ts'
import { createExpiryStore } from './storage/expiry-store.ts'
import { gateStore } from './storage/gate-store.ts'
import { createKeyStore } from './storage/key-store.ts'
import { createMessageIndex } from './storage/message-index.ts'
import { markPublished, readUnpublished } from './storage/outbox-index.ts'
import { outboxLedger } from './storage/outbox-ledger.ts'
import type { OutboxSql } from './storage/outbox-sql.ts'
import { openOutbox } from './storage/outbox-store.ts'
import { createRelayStore } from './storage/relay-store.ts'
import { createSealer } from './storage/sealer.ts'
import { createShardMapStore } from './storage/shard-map.ts'
import { durableSql } from './storage/sql.ts'
import { createTemplateStore } from './storage/template-store.ts'
import { createTriggerStore } from './storage/trigger-store.ts'
import { lazyLiquidEngine } from './templates/lazy-engine.ts'

export type WorkerGraph =
  | { deps: Deps; secrets: Secrets; problems?: never }
  | { problems: SettingProblem[]; deps?: never; secrets?: never }

/** How long the lookups of keys for one message may take. */
const LOOKUPS_MS = 15_000

export function composeWorker(env: Env): WorkerGraph {
  const { settings, secrets, problems } = readSettings(env)
  if (problems) return { problems }
  const clock = systemClock
  const outboxes = placed(env.OUTBOX, settings)
  const gates = placed(env.RELAY_GATE, settings)
  const outside = outsideFetch(settings.relayReach)
  const e2ee = createRegistry(providerEntries(settings))
  const e2eeKeys = createE2eeKeyStore(env.DB, clock)
  const identities = createIdentityStore(env.DB, clock)
  const policies = createPolicyStore(env.DB, clock)
  const lookups = createDiscoveryStore(env.DB)
  return {
    secrets,
    deps: {
      settings,
      clock,
      keys: createKeyStore(env.DB, clock),
      relays: createRelayStore(env.DB, clock),
      dkim: createDkimStore(env.DB, clock),
      templates: createTemplateStore(env.DB, clock),
      templateEngine: lazyLiquidEngine,
      triggers: createTriggerStore(env.DB, clock),
      calls: createCallStore(env.DB),
      shardMap: createShardMapStore(env.DB, clock),
      sweeps: createSweepStore(env.DB),
      answers: createAnswerStore(env.DB),
      sealer: createSealer(secrets.masterKey, secrets.previousMasterKeys),
      index: createMessageIndex(env.DB),
      policies,
      lookups,
      planProtection: protectionPlanner({
        registry: e2ee,
        keys: e2eeKeys,
        identities,
        policies,
        clock,
        lookups: {
          discovery: webKeyDirectory(outside, settings.dnsOverHttpsUrl),
          store: lookups,
        },
        deadline: () => AbortSignal.timeout(LOOKUPS_MS),
      }),
      remoteSigner: (key) => httpSigner(key, outside),
      snsCertificates: createSnsCertificates(outside),
      providerContext: { outside, cache: createProviderCache(clock) },
      connector: relayConnector(dialCloudflare, faultLine(consoleLog(null))),
      tokenEndpoint: askTokenEndpoint,
      e2ee,
      e2eeKeys,
      identities,
      expiries: createExpiryStore(env.DB),
      logLine: consoleLog(null).line,
      outbox: (shard) => outboxes(outboxName(shard)) as unknown as OutboxRpc,
      gate: (relay) => gates(relay) as unknown as RelayGateRpc,
    },
  }
}

/** No name of a shard, and with its colon none of a relay. */
const SANDBOX = 'sandbox:'

function outboxName(shard: number): string {
  return shard === SANDBOX_SHARD ? SANDBOX : `shard-${shard}`
}

/** Stubs by name, where the settings want the objects to live. */
function placed<T extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<T>,
  { jurisdiction, locationHint }: Settings,
): (name: string) => DurableObjectStub<T> {
  const within = jurisdiction === null ? namespace : namespace.jurisdiction(jurisdiction)
  const options =
    locationHint === null ? {} : { locationHint: locationHint as DurableObjectLocationHint }
  return (name) => within.get(within.idFromName(name), options)
}

/** What an attempt that we left doesn't tell. */
function faultLine({ line }: DeliveryLog): (error: unknown, host: string) => void {
  return (error, host) => line({ type: 'session.error', host, error: describeError(error) })
}

/** A stub that broke stays broken, so that whoever keeps a gate for long gets a new one for each call. */
function gateAt(stub: () => RelayGateRpc): RelayGateRpc {
  return {
    configure: (relay) => stub().configure(relay),
    lease: (request) => stub().lease(request),
    accessToken: (ask) => stub().accessToken(ask),
    adoptToken: (request) => stub().adoptToken(request),
    mayAuthenticate: (request) => stub().mayAuthenticate(request),
    report: (request) => stub().report(request),
    release: (request) => stub().release(request),
    resume: () => stub().resume(),
    health: () => stub().health(),
  }
}

/** An object can't do without settings; the Worker answers 503 naming the problems before it calls one. */
function settingsOf(env: Env): { settings: Settings; secrets: Secrets } {
  const { settings, secrets, problems } = readSettings(env)
  if (problems) throw new Error(`settings: ${problems.map(({ setting }) => setting).join(', ')}`)
  return { settings, secrets }
}

/** What an Outbox reaches the relay and the disk by. */
export interface OutboxPorts {
  dial: Dial
  openStore(sql: OutboxSql): MessageStore
}

export const OUTBOX_PORTS: OutboxPorts = { dial: dialCloudflare, openStore: openOutbox }

export function composeOutbox(
  ctx: DurableObjectState,
  env: Env,
  hooks: {
    arm(at: number | null): void
    restart(reason: string): void
    onChanged(message: string): void
  },
  { dial, openStore }: OutboxPorts,
): OutboxParts {
  const { settings, secrets } = settingsOf(env)
  const clock = systemClock
  const log = consoleLog(settings.hashAddresses ? secrets.masterKey : null)
  const changed: ChangeListener = (message, event) => {
    if (event) log.event(message, event)
    hooks.onChanged(message)
  }
  const sql = { ...durableSql(ctx.storage), changed }
  const store = openStore(sql)
  const sealer = createSealer(secrets.masterKey, secrets.previousMasterKeys)
  const index = createMessageIndex(env.DB)
  const gates = placed(env.RELAY_GATE, settings)
  const gateOf = (name: string) => gateAt(() => gates(name) as unknown as RelayGateRpc)
  const pump = new Pump({
    shard: ctx.id.name ?? ctx.id.toString(),
    incarnation: crypto.randomUUID(),
    store,
    clock,
    settings,
    ...(ctx.id.name === SANDBOX
      ? {
          connector: relayConnector(sandboxDial(), faultLine(log)),
          gateOf: (relay: string) => sandboxGate(gateOf(SANDBOX + relay), relay, clock),
          openPassword: async () => ({ user: 'sandbox', password: 'no secret of anybody' }),
        }
      : {
          connector: relayConnector(dial, faultLine(log)),
          gateOf,
          openPassword: (relay: StoredRelay) => openPassword(sealer, relay),
        }),
    envelopeId: (message, attempt) => envelopeId(message, attempt, secrets.masterKey),
    arm: hooks.arm,
    restart: hooks.restart,
    log: log.attempt,
    logLine: log.line,
  })
  return {
    settings,
    clock,
    store,
    ledger: outboxLedger(sql),
    pump,
    publisher: new IndexPublisher(
      {
        unpublished: (limit) => readUnpublished(sql, limit),
        published: (messages) => markPublished(sql, messages),
      },
      index,
    ),
    index,
    waiters: new Waiters(),
    log: log.attempt,
    logLine: log.line,
  }
}

export function composeGate(ctx: DurableObjectState, env: Env): { gate: Gate; tokens: GateTokens } {
  const { settings, secrets } = settingsOf(env)
  const store = gateStore(durableSql(ctx.storage))
  const clock = systemClock
  const sealer = createSealer(secrets.masterKey, secrets.previousMasterKeys)
  return {
    gate: new Gate(store, clock, settings),
    tokens: new GateTokens({ store, clock, settings, sealer, endpoint: askTokenEndpoint }),
  }
}
