/** A relay that fails at random: which transactions and how follows from the seed, the message and the try alone. */

import {
  type Action,
  close,
  reset,
  type Script,
  type ScriptedRelay,
  type Stage,
  type TakenMessage,
  type Turn,
  write,
} from '../support/scripted-relay.ts'

interface Fault {
  stage: Stage
  action: Action
  /** It has the message, whatever it says. */
  keeps?: true
}

const AGAIN = '451 4.3.0 Try again later'
const FAULTS: readonly Fault[] = [
  { stage: 'MAIL', action: AGAIN },
  { stage: 'MAIL', action: write('421 4.3.2 Too busy\r\n', 'close') },
  { stage: 'RCPT', action: '450 4.2.1 Try again later' },
  { stage: 'RCPT', action: '550 5.1.1 No such user' },
  { stage: 'DATA', action: AGAIN },
  { stage: 'body', action: reset },
  { stage: 'dot', action: '452 4.3.1 No room' },
  { stage: 'dot', action: '554 5.6.0 Not like this' },
  { stage: 'dot', action: write('25', 'close') },
  { stage: 'dot', action: close, keeps: true },
]

export interface Faulty {
  script: Script
  /** Transactions that failed on purpose, of so many. */
  readonly faults: number
  readonly transactions: number
  /** Messages it has without having said so. */
  readonly kept: TakenMessage[]
}

/** For messages whose senders are `…+NUMBER@…`. */
export function faultyScript(relay: () => ScriptedRelay, seed: number, share: number): Faulty {
  const now = new Map<Turn['session'], Fault | undefined>()
  const tries = new Map<number, number>()
  const counts = { faults: 0, transactions: 0 }
  const kept: TakenMessage[] = []

  const act = ({ stage, session }: Turn): Action | undefined => {
    const fault = now.get(session)
    if (fault?.stage !== stage) return undefined
    now.delete(session)
    const message = relay().received.all.at(-1)
    if (fault.keeps && message) kept.push(message)
    counts.faults += 1
    return fault.action
  }
  const begin = (turn: Turn): Action | undefined => {
    const number = Number(/\+(\d+)@/.exec(turn.line)?.[1])
    const nth = (tries.get(number) ?? 0) + 1
    tries.set(number, nth)
    counts.transactions += 1
    now.set(turn.session, draw(seed, number, nth, share))
    return act(turn)
  }
  return {
    script: { MAIL: begin, RCPT: act, DATA: act, body: act, dot: act },
    get faults() {
      return counts.faults
    },
    get transactions() {
      return counts.transactions
    },
    kept,
  }
}

function draw(seed: number, number: number, nth: number, share: number): Fault | undefined {
  const chance = mixed(seed ^ mixed(number * 64 + nth)) / 2 ** 32 / share
  return chance < 1 ? FAULTS[Math.floor(chance * FAULTS.length)] : undefined
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
