/** Whatever a relay says and whenever it leaves: each message comes to one end, and none without its own last octets. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPositive } from '../../src/domain/reply.ts'
import type { Carried } from '../../src/smtp/carriage.ts'
import { CONTENT_OCTETS, ENVELOPE, Transcript } from './transcript.ts'

const EXTENSIONS = ['PIPELINING', 'CHUNKING', 'SIZE 1000', 'DSN', 'LIMITS MAILMAX=2 RCPTMAX=1']
const TWO = { ...ENVELOPE, recipients: ['b@example.net', 'c@example.net'] }
const LINES = [
  ...['250 ok', '250 ok', '250 ok', '354 go', '354 go', '250-more', '421 bye', '450 4.2.1 later'],
  ...['452 4.5.3 many', '501 parameter', '503 sequence', '550 5.1.1 no', '555 parameter'],
  ...['334 what', '25', 'hello', '\0'],
]

type Happening =
  | { do: 'say'; lines: string[] }
  | { do: 'hand' | 'write' | 'cancel' | 'close' | 'break' }
  | { do: 'pass'; seconds: number }

const just = <One extends Happening>(one: One): fc.Arbitrary<Happening> => fc.constant(one)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      lines: fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: just({ do: 'write' }) },
  { weight: 3, arbitrary: just({ do: 'hand' }) },
  just({ do: 'cancel' }),
  just({ do: 'close' }),
  just({ do: 'break' }),
  ...[6, 11, 61, 700].map((seconds) => just({ do: 'pass', seconds })),
)

/** Plays it, then lets every deadline pass. */
function play(extensions: string[], depth: number, happenings: Happening[]) {
  const { session, faults, now: start } = Transcript.ready({ depth }, ...extensions)
  const { dialogue, carriage } = session
  const ends: Carried[] = []
  let now = start
  let handed = 0
  let may = true
  const happen = (one: Happening) => {
    if (one.do === 'say') {
      const octets = one.lines.map((line) => `${line}\r\n`).join('')
      dialogue.receive(Buffer.from(octets, 'latin1'), now)
    } else if (one.do === 'hand' && (carriage.usable || carriage.takesAhead)) {
      const whole = carriage.takesWhole(TWO.size) && { octets: CONTENT_OCTETS, may: () => may }
      handed++
      carriage.send(now, { envelope: TWO, whole: whole || undefined, plain: false }, (end) =>
        ends.push(end),
      )
    } else if (one.do === 'write' && dialogue.waiting === 'body') {
      carriage.content(CONTENT_OCTETS, now)
      if (carriage.mayEnd(now, () => may)) carriage.lastOctets(now)
    } else if (one.do === 'cancel') may = false
    else if (one.do === 'close') dialogue.lost(now)
    else if (one.do === 'break') dialogue.broken(now)
    else if (one.do === 'pass') {
      now += one.seconds * 1000
      dialogue.expire(now)
    }
    dialogue.takeOutput()
  }
  for (const one of happenings) happen(one)
  for (let i = 0; i < 4 * (handed + 1); i++) happen({ do: 'pass', seconds: 700 })
  return { ends, handed, faults }
}

test('any relay', () => {
  const depths = fc.integer({ min: 1, max: 4 })
  fc.assert(
    fc.property(
      fc.subarray(EXTENSIONS),
      depths,
      fc.array(happening, { maxLength: 30 }),
      (extensions, depth, happenings) => {
        const { ends, handed, faults } = play(extensions, depth, happenings)
        expect(faults).toEqual([])
        expect(ends).toHaveLength(handed)
        for (const { end, failure, dotSent, recipients } of ends) {
          const taken = recipients.some(({ reply }) => reply && isPositive(reply))
          if (end && isPositive(end)) expect([dotSent, taken]).toEqual([true, true])
          if (!end && !failure) expect(taken).toBe(false)
        }
      },
    ),
    { numRuns: 3000 },
  )
})
