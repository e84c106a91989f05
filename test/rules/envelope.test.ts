/** Rules 23 to 33 and 47 over real sockets: the envelope, and what the relay has to offer for it. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { ENVELOPE } from './cases/envelope.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules()
})
afterAll(() => story.close())

driveRules(ENVELOPE, () => story)
