/** Moments at which a build of the tests stops for good, so that it can be killed at no other. Bound by `worker.ts` only. */

export const STAGES = [
  'after accept',
  'after connect',
  'after AUTH',
  'after MAIL',
  'after RCPT',
  'after 354',
  'mid-body',
  'after dot_sent',
  'after the octets',
  'after the reply',
  'before settle',
  'after settle',
] as const

export type FailStage = (typeof STAGES)[number]

/** What may be with the relay although nobody knows it. */
export const INSIDE_DOT_SENT: readonly FailStage[] = [
  'after dot_sent',
  'after the octets',
  'after the reply',
  'before settle',
]

export interface Failpoint {
  /** From then on no socket moves and nothing more is settled. */
  readonly stopped: boolean
  /** Never resolves once it is stopped. */
  passed(): Promise<void>
  /** Stops here for good, where this is the stage and the time it is armed for. */
  reached(stage: FailStage): Promise<void>
}

export interface ArmedStage {
  stage: FailStage
  /** How often the stage has to be reached. */
  nth: number
}

let armed: ArmedStage | undefined
let stopped = false

export function arm(stage: ArmedStage): void {
  armed = { ...stage }
}

/** Here what has to be on disk is the runtime's to have there in time; at the others all that came before is over. */
const IN_DOUBT: readonly FailStage[] = ['after the octets', 'after the reply', 'before settle']

/** Tells the harness by a line of the log. `onDisk` resolves once everything written before it is. */
export function failpoint(onDisk: () => Promise<void>): Failpoint {
  return {
    get stopped() {
      return stopped
    },
    async passed() {
      if (stopped) await forever()
    },
    async reached(stage) {
      if (stopped || stage !== armed?.stage || --armed.nth > 0) return
      stopped = true
      if (!IN_DOUBT.includes(stage)) await onDisk()
      console.log(JSON.stringify({ type: 'failpoint', stage }))
      await forever()
    },
  }
}

/** The runtime takes a promise that nothing can resolve for a fault and ends the request; a timer is something. */
function forever(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3_600_000))
}
