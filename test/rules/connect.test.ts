/** Rules 1 to 12 over real sockets: nobody has said who we are yet. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { CONFIG, CONNECT } from './cases/connect.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules()
})
afterAll(() => story.close())

driveRules([...CONNECT, ...CONFIG], () => story)
