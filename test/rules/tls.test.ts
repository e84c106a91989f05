/** Rules 13 to 17 over real sockets: no TLS, no mail and no login. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { TLS } from './cases/tls.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules()
})
afterAll(() => story.close())

driveRules(TLS, () => story)
