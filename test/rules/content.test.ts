/** Rules 37 to 41 over real sockets: the last octets. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { CONTENT } from './cases/content.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules()
})
afterAll(() => story.close())

driveRules(CONTENT, () => story)
