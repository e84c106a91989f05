/** A wire as the pump sees it: first prepared (TLS proven, nothing said about who we are), then logged in. */

import type { SessionRecord, StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import type { RelayCredential } from '../domain/relay.ts'
import { type Route, routeName } from '../domain/route.ts'
import type {
  PreparedSession,
  RelaySession,
  RouteOutcome,
  Transaction,
  TransactionResult,
} from '../ports/relay-session.ts'
import type { Wire } from './wire.ts'

export interface SetupFacts {
  route: Route
  startedAt: number
  now(): number
}

/** The log record of a session that carried nothing; `outcome` and rule are the outcome table's to name. */
export function setupRecord(
  { route, startedAt, now }: SetupFacts,
  wire: Wire,
  steps: StepRecord[],
  outcome: string,
): SessionRecord {
  const { dialogue, extensions } = wire.smtp
  const record: SessionRecord = {
    route: routeName(route),
    warm: false,
    outcome,
    duration_ms: now() - startedAt,
    tls: { mode: route.tls, proven: dialogue.proven },
    steps: [...steps],
  }
  if (dialogue.proven) record.extensions = extensions.names
  return record
}

export class PreparedRelaySession implements PreparedSession {
  readonly #facts: SetupFacts
  readonly #wire: Wire
  readonly #setup: StepRecord[]

  constructor(facts: SetupFacts, wire: Wire, setup: StepRecord[]) {
    this.#facts = facts
    this.#wire = wire
    this.#setup = setup
  }

  get route(): Route {
    return this.#facts.route
  }

  get extensions(): string[] {
    return this.#wire.smtp.extensions.names
  }

  get authMechanisms(): string[] {
    return this.#wire.smtp.extensions.auth
  }

  get setup(): StepRecord[] {
    return this.#setup
  }

  get setupMs(): number {
    return this.#setup.reduce((sum, { ms }) => sum + ms, 0)
  }

  async authenticate(credential: RelayCredential | null): Promise<RelaySession | RouteOutcome> {
    const { failure, steps } = credential
      ? await this.#wire.authenticate(credential)
      : { failure: undefined, steps: [] }
    const setup = [...this.#setup, ...steps]
    return failure
      ? this.#failed(failure, setup)
      : new WiredRelaySession(this.#facts, this.#wire, setup)
  }

  #failed(failure: Failure, steps: StepRecord[]): RouteOutcome {
    const record = setupRecord(this.#facts, this.#wire, steps, failure.cause)
    return { route: this.route, record, failure }
  }

  async close(): Promise<void> {
    await this.#wire.quit()
  }
}

class WiredRelaySession implements RelaySession {
  readonly route: Route
  readonly setup: StepRecord[]
  readonly #wire: Wire

  constructor({ route }: SetupFacts, wire: Wire, setup: StepRecord[]) {
    this.route = route
    this.setup = setup
    this.#wire = wire
  }

  get transactions(): number {
    return this.#wire.smtp.carriage.transactions
  }

  get usable(): boolean {
    return this.#wire.smtp.carriage.usable
  }

  get takesAhead(): boolean {
    return this.#wire.smtp.carriage.takesAhead
  }

  get authMechanism(): string | null {
    return this.#wire.smtp.authMechanism
  }

  get extensions(): string[] {
    return this.#wire.smtp.extensions.names
  }

  get setupMs(): number {
    return this.setup.reduce((sum, { ms }) => sum + ms, 0)
  }

  send(transaction: Transaction): Promise<TransactionResult> {
    return this.#wire.send(transaction)
  }

  async close(): Promise<void> {
    await this.#wire.quit()
  }
}
