/** Rules 34 to 36 over real sockets: the content, up to its last octets. */

import { afterAll, beforeAll } from 'vitest'
import type { Story } from '../scenarios/story.ts'
import { BODY } from './cases/content.ts'
import { driveRules, openRules } from './drive.ts'

let story: Story

beforeAll(async () => {
  story = await openRules({
    // However long it takes to read what is large: only silence inside the body is waited for.
    SMTP_DEADLINES: 'connect=1m,greeting=1m,command=1m,data=1m,body=5s,data_end=1m',
  })
})
afterAll(() => story.close())

driveRules(BODY, () => story)
