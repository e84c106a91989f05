/** Rules 18 to 22 over real sockets: one login is one AUTH, whatever it comes to. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { LOGIN } from './cases/login.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules({ OUTBOX_SHARDS: '4' })
})
afterAll(() => story.close())

driveRules(LOGIN, () => story)
