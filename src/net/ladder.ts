/**
 * Climbs a relay's ladder of routes with a staggered start: a route that is slow to connect or to greet gets company by
 * the next, one that fails makes room at once. The first proven EHLO wins. Only set-up is raced, never AUTH or a message.
 */

import type { StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import { type Route, routeName } from '../domain/route.ts'
import type {
  Climbed,
  LadderOptions,
  LadderResult,
  RelayConnector,
  RouteOutcome,
} from '../ports/relay-session.ts'
import type { Dial } from '../ports/socket.ts'
import { PreparedRelaySession, type SetupFacts, setupRecord } from './relay-session.ts'
import { Wire } from './wire.ts'

/** What we say we are where the operator named nothing (RFC 5321 §4.1.3). */
const EHLO_NAME = '[127.0.0.1]'
/** How long a climb with routes left waits for one of its own sockets to be let go. */
const STARVED_MS = 1000

interface Around {
  dial: Dial
  /** Our own side of a session threw; its result says no more than that we left. */
  onFault(error: unknown, host: string): void
  now(): number
}

export function relayConnector(
  dial: Dial,
  onFault: Around['onFault'],
  now: () => number = Date.now,
): RelayConnector {
  return {
    climb: (relay, options) =>
      new Promise((resolve) => {
        new Climb({ dial, onFault, now }, relay, options, resolve).start()
      }),
  }
}

interface Rung {
  facts: SetupFacts
  wire: Wire
  setup: StepRecord[]
  timers: ReturnType<typeof setTimeout>[]
  /** The next route has been let loose because of this one. */
  followed: boolean
  outcome?: RouteOutcome
}

class Climb {
  readonly #around: Around
  readonly #relay: Climbed
  readonly #options: LadderOptions
  readonly #resolve: (result: LadderResult) => void
  readonly #rungs: Rung[] = []
  /** In the order to try them, the next one first. */
  #left: Route[]
  #sockets = 0
  /** A route should have started and got no socket. */
  #owed = false
  #starved: ReturnType<typeof setTimeout> | undefined
  #over = false

  constructor(
    around: Around,
    relay: Climbed,
    options: LadderOptions,
    resolve: (result: LadderResult) => void,
  ) {
    this.#around = around
    this.#relay = relay
    this.#options = options
    this.#left = [...options.routes]
    this.#resolve = resolve
  }

  start(): void {
    this.#step()
    this.#settle()
  }

  /** Starts the next route if there is one and a socket for it. */
  #step(): void {
    const [route] = this.#left
    if (this.#over || !route) return
    const socket = this.#options.takeSocket()
    this.#owed = !socket
    if (!socket) return
    this.#left.shift()
    this.#sockets++
    const rung = this.#rung(route, () => {
      socket.release()
      this.#sockets--
      if (this.#owed) this.start()
    })
    this.#rungs.push(rung)
    const { stagger } = this.#options
    rung.timers.push(
      setTimeout(() => this.#unless(rung, 'connect'), stagger.connect),
      setTimeout(() => this.#unless(rung, 'greeting'), stagger.greeting),
    )
    void rung.wire.establish().then(({ steps, failure }) => {
      rung.setup = steps
      stop(rung)
      if (this.#over) return
      if (failure) this.#failed(rung, failure)
      else this.#win(rung)
    })
  }

  #rung(route: Route, onReleased: () => void): Rung {
    const { host, ehlo_name, flight_depth } = this.#relay
    const { deadlines, knownExtensions } = this.#options
    const { dial, onFault, now } = this.#around
    const wire = new Wire(dial, {
      host,
      port: route.port,
      tls: route.tls,
      ehloName: ehlo_name ?? EHLO_NAME,
      deadlines,
      flightDepth: flight_depth ?? 1,
      // A STARTTLS route that ever worked offered STARTTLS.
      offeredBefore: knownExtensions?.[routeName(route)] !== undefined,
      nonce,
      now,
      onReleased,
      onFault: (error) => onFault(error, host),
    })
    const facts = { route, startedAt: now(), now }
    return { facts, wire, setup: [], timers: [], followed: false }
  }

  #failed(rung: Rung, failure: Failure): void {
    const { facts, wire, setup } = rung
    const record = setupRecord(facts, wire, setup, failure.cause)
    rung.outcome = { route: facts.route, record, failure }
    const nextPort = this.#options.nextPort?.(failure)
    if (nextPort === 'no') this.#left = []
    if (nextPort === 'implicit_first') this.#left = implicitFirst(this.#left)
    this.#follow(rung)
    this.#settle()
  }

  #unless(rung: Rung, reached: 'connect' | 'greeting'): void {
    if (!rung.wire.smtp.dialogue.steps.some(({ step }) => step === reached)) this.#follow(rung)
  }

  #follow(rung: Rung): void {
    if (!rung.followed) this.#step()
    rung.followed = true
  }

  #running(): Rung[] {
    return this.#rungs.filter(({ outcome }) => !outcome)
  }

  /** Ends the climb when nothing runs any more and nothing is left to start. */
  #settle(): void {
    if (this.#over || this.#running().length > 0) return
    if (this.#left.length === 0 || this.#sockets === 0) this.#finish()
    else this.#starved ??= setTimeout(() => this.#giveUp(), STARVED_MS)
  }

  #giveUp(): void {
    this.#starved = undefined
    if (this.#running().length === 0) this.#finish()
  }

  #win(first: Rung): void {
    const winner = this.#running().find(({ wire }) => wire.smtp.dialogue.proven) ?? first
    this.#finish(winner)
  }

  #finish(winner?: Rung): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#starved)
    const others = this.#rungs.filter((rung) => rung !== winner).map((rung) => this.#lost(rung))
    this.#resolve(
      winner
        ? {
            session: new PreparedRelaySession(
              winner.facts,
              winner.wire,
              winner.wire.smtp.dialogue.steps,
            ),
            others,
          }
        : { others },
    )
  }

  #lost(rung: Rung): RouteOutcome {
    stop(rung)
    if (rung.outcome) return rung.outcome
    const { facts, wire } = rung
    const record = setupRecord(facts, wire, wire.smtp.dialogue.steps, 'superseded')
    wire.abandon()
    return { route: facts.route, record }
  }
}

/** Whoever takes STARTTLS away on one port does so on the next; from the first octet on nothing can be taken away. */
function implicitFirst(routes: Route[]): Route[] {
  return [...routes].sort((a, b) => Number(a.tls === 'starttls') - Number(b.tls === 'starttls'))
}

/** 144 bits, in base64. */
function nonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))))
}

function stop(rung: Rung): void {
  for (const timer of rung.timers) clearTimeout(timer)
}
