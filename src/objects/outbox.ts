/** The Outbox Durable Object: a thin shell that joins its database, its pump and its callers. */

import { DurableObject } from 'cloudflare:workers'
import { recover } from '../app/cut-off.ts'
import type { IndexPublisher } from '../app/publish-index.ts'
import type { Pump } from '../app/pump.ts'
import type { Waiters } from '../app/waiters.ts'
import { composeOutbox, OUTBOX_PORTS, type OutboxPorts } from '../compose.ts'
import type { AttemptRecord } from '../domain/attempt.ts'
import type { CallResult } from '../domain/call.ts'
import { describeError } from '../domain/describe-error.ts'
import type { Settings } from '../domain/settings.ts'
import type { Env } from '../env.ts'
import type { Clock } from '../ports/clock.ts'
import type { MessageIndex } from '../ports/message-index.ts'
import type { MessageLedger, MessageStore } from '../ports/message-store.ts'
import type {
  AcceptAnswer,
  AcceptedMessage,
  ChangeAnswer,
  Claim,
  HeldMail,
  OutboxRpc,
  OwnedDocument,
  SchedulePatch,
  ShardStatus,
} from '../ports/outbox.ts'

/** What the composition hands the shell. */
export interface OutboxParts {
  settings: Settings
  clock: Clock
  store: MessageStore
  ledger: MessageLedger
  pump: Pump
  publisher: IndexPublisher
  index: MessageIndex
  waiters: Waiters
  log(record: AttemptRecord, sender: string): void
  logLine(line: Record<string, unknown>): void
}

/** The limit leaves room for attempts and outcomes: more than comes in between two looks. */
const MEASURE_EVERY_MS = 1000
const RETRY_PUBLISHING_MS = 30_000
/** Of a few hundred messages each: what one sweep takes at most. */
const SWEEP_BATCHES = 20

export class Outbox extends DurableObject<Env> implements OutboxRpc {
  readonly #parts: OutboxParts
  readonly #unheard = new Set<string>()
  #alarmAt: number | null = null
  #measured = { at: 0, bytes: 0 }

  /** The runtime gives no `ports`: these are a test build's to replace. */
  constructor(ctx: DurableObjectState, env: Env, ports: OutboxPorts = OUTBOX_PORTS) {
    super(ctx, env)
    const hooks = {
      arm: (at: number | null) => this.#arm(at),
      restart: (reason: string) => this.#restart(reason),
      onChanged: (message: string) => this.#changed(message),
    }
    this.#parts = composeOutbox(ctx, env, hooks, ports)
    recover(this.#parts)
    this.#work()
  }

  /** Only wakes the pump and re-arms; returns at once, so that the next alarm is never kept waiting. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null
    try {
      this.#work()
    } catch (error) {
      this.#parts.logLine({ type: 'pump.error', error: describeError(error) })
      this.#arm(this.#parts.clock.now() + RETRY_PUBLISHING_MS)
    }
  }

  async stage(
    name: string,
    index: number,
    chunk: Uint8Array,
    claim?: Claim,
  ): Promise<'staged' | 'full'> {
    const { ledger, clock } = this.#parts
    if (this.#full()) return 'full'
    ledger.stage(name, index, chunk, claim, clock.now())
    return 'staged'
  }

  async accept(message: AcceptedMessage, claim: Claim | null): Promise<AcceptAnswer> {
    const { ledger, clock, pump } = this.#parts
    if (this.#full()) return { kind: 'full' }
    const answer = ledger.accept(message, claim, clock.now())
    if (answer.kind === 'accepted') {
      if ((message.send_at ?? 0) > clock.now()) pump.arm()
      else pump.wakeRelays(message.relays.slice(0, 1))
      this.#publish()
    }
    return answer
  }

  async recall(claim: Claim): Promise<AcceptAnswer | null> {
    return this.#parts.ledger.recall(claim, this.#parts.clock.now())
  }

  async reserve(claim: Claim): Promise<AcceptAnswer | { kind: 'reserved' }> {
    return this.#parts.ledger.reserve(claim, this.#parts.clock.now())
  }

  async recallCall(claim: Claim): Promise<CallResult | null> {
    return this.#parts.ledger.recallCall(claim, this.#parts.clock.now())
  }

  async keepCall(claim: Claim, result: CallResult): Promise<CallResult> {
    return this.#parts.ledger.keepCall(claim, result, this.#parts.clock.now())
  }

  async read(id: string): Promise<OwnedDocument | null> {
    return this.#parts.ledger.read(id)
  }

  async wait(id: string, ms: number): Promise<OwnedDocument | null> {
    const { ledger, waiters } = this.#parts
    if (!ledger.hasOutcome(id)) await waiters.wait(id, ms)
    return ledger.read(id)
  }

  async content(id: string, copy: number): Promise<ReadableStream<Uint8Array> | 'removed' | null> {
    const octets = this.#parts.ledger.content(id, copy)
    if (octets === null) return null
    if (typeof octets === 'string') return octets
    const chunks = octets[Symbol.iterator]()
    return new ReadableStream({
      type: 'bytes',
      pull(controller: ReadableByteStreamController) {
        const { done, value } = chunks.next()
        if (done) {
          controller.close()
          controller.byobRequest?.respond(0)
        } else if (value.length > 0) controller.enqueue(value)
      },
    })
  }

  async headers(id: string) {
    return this.#parts.ledger.headers(id)
  }

  async cancel(id: string): Promise<ChangeAnswer> {
    return this.#change((ledger, now) => ledger.cancel(id, now))
  }

  async patch(id: string, patch: SchedulePatch): Promise<ChangeAnswer> {
    return this.#change((ledger, now) => ledger.reschedule(id, patch, now))
  }

  async retry(
    id: string,
    recipients: string[] | null,
    carriers: string[] | null = null,
  ): Promise<ChangeAnswer> {
    return this.#change((ledger, now) => ledger.retry(id, recipients, carriers, now))
  }

  async resolve(
    id: string,
    recipients: string[] | null,
    as: 'relayed' | 'not_sent',
  ): Promise<ChangeAnswer> {
    return this.#change((ledger, now) => ledger.resolve(id, recipients, as, now))
  }

  async wake(relay: string | null): Promise<number> {
    const { ledger, clock, pump } = this.#parts
    pump.reset(relay)
    const woken = ledger.wake(relay, clock.now())
    pump.wake()
    return woken
  }

  async held(relay: string, senders: string[]): Promise<HeldMail> {
    return this.#parts.ledger.held(relay, senders)
  }

  async foreign(relay: string, senders: string[]): Promise<number> {
    return this.#parts.ledger.foreign(relay, senders)
  }

  async move(relay: string, to: string, senders: string[]): Promise<number> {
    const { ledger, clock, pump } = this.#parts
    pump.reset(relay)
    const moved = ledger.move(relay, to, senders, clock.now())
    pump.wake()
    return moved
  }

  async status(): Promise<ShardStatus> {
    return this.#parts.ledger.status(this.#parts.settings.storageLimitBytes)
  }

  async sweep(): Promise<void> {
    const { ledger, clock, settings, index } = this.#parts
    const now = clock.now()
    this.#work()
    this.ctx.waitUntil(this.#parts.pump.lookForRecovered())
    for (let batch = 0; batch < SWEEP_BATCHES; batch++) {
      const more = ledger.sweep(settings.retainContentDays, now)
      const outdated = ledger.outdated(settings.retainLogDays, now)
      if (outdated.length > 0) {
        await index.remove(outdated)
        ledger.forget(outdated)
      } else if (!more) return
      // Other calls of the object get their turn.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }

  #full(): boolean {
    const { ledger, settings, clock } = this.#parts
    const now = clock.now()
    if (now - this.#measured.at >= MEASURE_EVERY_MS) {
      this.#measured = { at: now, bytes: ledger.sizeBytes() }
    }
    return this.#measured.bytes > settings.storageLimitBytes
  }

  #change(change: (ledger: MessageLedger, now: number) => ChangeAnswer): ChangeAnswer {
    const { ledger, clock, pump } = this.#parts
    const answer = change(ledger, clock.now())
    if (answer.kind === 'changed') {
      pump.wake()
    }
    return answer
  }

  /** The one way on for a message whose rows changed; its transaction may still be open. */
  #changed(message: string): void {
    if (this.#unheard.size === 0) queueMicrotask(() => this.#tell())
    this.#unheard.add(message)
  }

  #tell(): void {
    const { waiters, ledger, pump } = this.#parts
    for (const id of this.#unheard) {
      if (waiters.has(id) && ledger.hasOutcome(id)) waiters.resolve(id)
    }
    this.#unheard.clear()
    pump.arm()
    this.#publish()
  }

  #work(): void {
    this.#parts.pump.wake()
    this.#publish()
  }

  #publish(): void {
    const { publisher, clock, logLine } = this.#parts
    const done = publisher.flush().catch((error) => {
      logLine({ type: 'index.error', error: describeError(error) })
      this.#arm(clock.now() + RETRY_PUBLISHING_MS)
    })
    this.ctx.waitUntil(done)
  }

  /** Nothing is on its way, so nothing becomes unknown. */
  #restart(reason: string): void {
    this.#parts.logLine({ type: 'outbox.restarted', reason })
    this.ctx.abort(reason)
  }

  /** An alarm that comes too early only looks and re-arms, so an earlier one is left as it is. */
  #arm(at: number | null): void {
    if (at === null || (this.#alarmAt !== null && this.#alarmAt <= at)) return
    this.#alarmAt = at
    void this.ctx.storage.setAlarm(at)
  }
}
