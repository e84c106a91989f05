/** Rules 42 to 46 over real sockets: what no stage owns. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { SESSION } from './cases/session.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules({ SESSION_IDLE: '1s' })
})
afterAll(() => story.close())

driveRules(SESSION, () => story)
