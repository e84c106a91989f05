/** The RelayGate Durable Object: a thin shell; one object per relay, so that all shards meet here. */

import { DurableObject } from 'cloudflare:workers'
import type { Gate } from '../app/gate.ts'
import type { GateTokens } from '../app/gate-tokens.ts'
import { composeGate } from '../compose.ts'
import type { StoredRelay } from '../domain/relay.ts'
import type { Env } from '../env.ts'
import type {
  AuthPermit,
  AuthRequest,
  GateEvent,
  LeaseAnswer,
  LeaseRequest,
  LeaseReturn,
  RelayGateRpc,
  ReportRequest,
  TokenAdoption,
  TokenAnswer,
  TokenAsk,
} from '../ports/relay-gate.ts'

export class RelayGate extends DurableObject<Env> implements RelayGateRpc {
  readonly #gate: Gate
  readonly #tokens: GateTokens

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { gate, tokens } = composeGate(ctx, env)
    this.#gate = gate
    this.#tokens = tokens
  }

  async configure(relay: StoredRelay | null): Promise<void> {
    this.#gate.configure(relay)
    await this.#tokens.reseal()
  }

  async lease(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#gate.lease(request)
  }

  async accessToken(ask: TokenAsk): Promise<TokenAnswer> {
    return await this.#tokens.token(ask)
  }

  async adoptToken({ credential_version, grant }: TokenAdoption): Promise<void> {
    await this.#tokens.adopt(credential_version, grant)
  }

  async mayAuthenticate(request: AuthRequest): Promise<AuthPermit> {
    return this.#gate.mayAuthenticate(request)
  }

  async report(request: ReportRequest): Promise<GateEvent[]> {
    return this.#gate.report(request)
  }

  async release(request: LeaseReturn): Promise<void> {
    this.#gate.release(request)
  }

  async resume(): Promise<void> {
    this.#gate.resume()
  }

  async health(): ReturnType<RelayGateRpc['health']> {
    return this.#gate.health()
  }
}
