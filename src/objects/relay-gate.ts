/** The RelayGate Durable Object: a thin shell; one object per relay, so that all shards meet here. */

import { DurableObject } from 'cloudflare:workers'
import type { Gate } from '../app/gate.ts'
import { composeGate } from '../compose.ts'
import type { StoredRelay } from '../domain/relay.ts'
import type { Env } from '../env.ts'
import type {
  AuthPermit,
  GateEvent,
  GateReport,
  LeaseAnswer,
  LeaseRequest,
  LeaseReturn,
  RelayGateRpc,
} from '../ports/relay-gate.ts'

export class RelayGate extends DurableObject<Env> implements RelayGateRpc {
  readonly #gate: Gate

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#gate = composeGate(ctx, env)
  }

  async configure(relay: StoredRelay | null): Promise<void> {
    this.#gate.configure(relay)
  }

  async lease(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#gate.lease(request)
  }

  async mayAuthenticate(request: {
    shard: string
    incarnation: string
    credential_version: number
  }): Promise<AuthPermit> {
    return this.#gate.mayAuthenticate(request)
  }

  async report(request: {
    shard: string
    incarnation: string
    reports: GateReport[]
  }): Promise<GateEvent[]> {
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
