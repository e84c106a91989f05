/** What the copies of one message share while they are made: the time, a deadline, and every signature that is the same in them. */

import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'

/** Wall clock, for all copies: signers elsewhere may be slow, and whoever sends waits. */
export const MAKING_MS = 120_000

export interface MakingCopies {
  /** Milliseconds. */
  now: number
  /** Of all of them; it runs from the first that is protected. */
  readonly abort: AbortSignal
  /** Asks the signer once for what several copies have in common, as long as their protected content is the same. */
  shared(signer: Signer): Signer
}

export function startMaking(clock: Clock): MakingCopies {
  let deadline: AbortSignal | undefined
  const made = new Map<Signer, Map<string, Promise<Uint8Array>>>()
  return {
    now: clock.now(),
    get abort() {
      deadline ??= AbortSignal.timeout(MAKING_MS)
      return deadline
    },
    shared(signer) {
      const known = made.get(signer) ?? new Map<string, Promise<Uint8Array>>()
      made.set(signer, known)
      return {
        keyRef: signer.keyRef,
        algorithms: signer.algorithms,
        sign(algorithm, input, abort) {
          const [[kind, octets] = ['', new Uint8Array(0)]] = Object.entries(input)
          const asked = `${algorithm} ${kind} ${Buffer.from(octets).toString('base64')}`
          const signature = known.get(asked) ?? signer.sign(algorithm, input, abort)
          known.set(asked, signature)
          return signature
        },
      }
    },
  }
}
