/** What a request handler has at hand: the graph built once per isolate, and facts about this request. */

import type { RemoteKey } from '../app/open-signer.ts'
import type { Settings } from '../domain/settings.ts'
import type { Env } from '../env.ts'
import type { CallStore } from '../ports/call-store.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  AnswerStore,
  ApiKey,
  DkimStore,
  KeyStore,
  RelayStore,
  Scope,
  Sealer,
  ShardMapStore,
  SweepStore,
} from '../ports/control-plane.ts'
import type { ProviderContext } from '../ports/e2ee-provider.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { E2eeKeyStore, ExpiryStore, IdentityStore, PolicyStore } from '../ports/e2ee-stores.ts'
import type { DiscoveryStore } from '../ports/key-discovery.ts'
import type { MessageIndex } from '../ports/message-index.ts'
import type { OutboxRpc } from '../ports/outbox.ts'
import type { PlanProtection } from '../ports/protection-plan.ts'
import type { RelayGateRpc } from '../ports/relay-gate.ts'
import type { RelayConnector } from '../ports/relay-session.ts'
import type { Signer } from '../ports/signer.ts'
import type { SnsCertificates } from '../ports/sns-certificates.ts'
import type { TemplateEngine } from '../ports/template-engine.ts'
import type { TemplateStore } from '../ports/template-store.ts'
import type { TokenEndpoint } from '../ports/token-endpoint.ts'
import type { TriggerStore } from '../ports/trigger-store.ts'

export interface Deps {
  settings: Settings
  clock: Clock
  keys: KeyStore
  relays: RelayStore
  dkim: DkimStore
  templates: TemplateStore
  templateEngine: TemplateEngine
  triggers: TriggerStore
  calls: CallStore
  shardMap: ShardMapStore
  sweeps: SweepStore
  answers: AnswerStore
  sealer: Sealer
  index: MessageIndex
  /** For checks of a relay: mail goes out by the outboxes. */
  connector: RelayConnector
  tokenEndpoint: TokenEndpoint
  e2ee: ProviderRegistry
  e2eeKeys: E2eeKeyStore
  identities: IdentityStore
  expiries: ExpiryStore
  policies: PolicyStore
  lookups: DiscoveryStore
  planProtection: PlanProtection
  remoteSigner(key: RemoteKey): Signer
  /** What providers get beside their jobs. */
  providerContext: Omit<ProviderContext, 'log' | 'limits'>
  snsCertificates: SnsCertificates
  logLine(line: Record<string, unknown>): void
  outbox(shard: number): OutboxRpc
  gate(relay: string): RelayGateRpc
}

export interface Caller {
  /** `admin` for the bearer of POSTERN_ADMIN_TOKEN. */
  id: string
  scopes: Scope[]
  /** Null for the admin token, which is bound to nothing. */
  key: ApiKey | null
}

export interface AppEnv {
  Bindings: Env
  Variables: { deps: Deps; requestId: string; caller: Caller }
}
