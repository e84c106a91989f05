/** A rule of the outcome table as relays bring it about, and what has to come of it. */

import type { AlarmCode } from '../../src/domain/alarms.ts'
import type { MessageDocument } from '../../src/ports/outbox.ts'
import type { Story } from '../scenarios/story.ts'
import type { TestCertificates } from '../support/certificates.ts'
import type { ScriptedRelay, ScriptedRelayOptions } from '../support/scripted-relay.ts'

export type Mail = Record<string, unknown> | Raw

/** A finished message; `FROM` stands for the sender. */
export interface Raw {
  raw: string
}

/** How the port of the first relay behaves that the case is about. */
export interface Peer extends Omit<Partial<ScriptedRelayOptions>, 'certificate'> {
  certificate?: keyof Omit<TestCertificates, 'ca' | 'caFile' | 'issue'>
}

/** One mail, and the relays it may go to. */
export interface World {
  readonly story: Story
  /** Carries nobody else's mail. */
  readonly relayId: string
  /** Undefined where nothing listens. */
  readonly peer: ScriptedRelay | undefined
  /** Posts one more. */
  send(mail?: Mail): Promise<MessageDocument>
}

export interface RuleCase {
  rule: number
  when: string
  peer: Peer | 'nobody' | 'black hole'
  /** Settings of the first relay beside its routes. */
  relay?: Record<string, unknown>
  /** Fields of the message, or all of it. */
  mail?: Mail
  /** Between the configuration of the first relay and the mail. */
  before?: (world: World) => Promise<void>
  /** Once all first relays are configured, before other relays are. */
  between?: (story: Story) => Promise<void>

  /** `rule word` of each session, `superseded` ones too, where there is one port and one relay. */
  log: (string | RegExp)[]
  /** `state rule` of each recipient then. */
  to: string[]
  /** What each attempt decided; one, and what became of the recipients, unless said. */
  decisions?: string[]
  /** Another port of the relay carries the mail now; `implicit_first`: one with implicit TLS before others. */
  port: 'yes' | 'implicit_first' | 'no'
  /** Another relay carries it now. */
  next: 'yes' | 'no'
  /** AUTH commands that the port hears. */
  auths: number
  /** Where there is one port and one relay. */
  alarms: AlarmCode[]
  /** Messages that the port takes responsibility for; 0 unless said. */
  taken?: number
  /** Not every case has all three worlds: a name without an address has no other port. */
  worlds?: readonly WorldName[]
  /** What else must, or must not, have happened where there is one port and one relay. */
  also?: (world: World & { peer: ScriptedRelay }, message: MessageDocument) => void | Promise<void>
}

/** A case without what its kind has in common; `log` of one session needs no list. */
export type Said = Pick<RuleCase, 'rule' | 'when'> & {
  log: string | RegExp | (string | RegExp)[]
} & Partial<Omit<RuleCase, 'log'>>

/** Makes cases of a kind: deferred with the rule, on this port and relay, after one login, unless said otherwise. */
export const kind =
  (common: Partial<RuleCase> = {}) =>
  (one: Said): RuleCase => ({
    peer: {},
    to: [`deferred ${one.rule}`],
    port: 'no',
    next: 'no',
    auths: 1,
    alarms: [],
    ...common,
    ...one,
    log: [one.log].flat(),
  })

/** One port and one relay; a good port beside it; a good relay behind it. */
export type WorldName = 'alone' | 'another port' | 'another relay'
export const WORLDS: readonly WorldName[] = ['alone', 'another port', 'another relay']
