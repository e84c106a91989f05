/** The process dies at each stage of a delivery. `npm run test:kill` does it twenty times a stage. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from '../../local/build.ts'
import { readModules } from '../../local/bundle.ts'
import type { Story } from '../scenarios/story.ts'
import { type Bundle, bundleWorker } from '../support/bundle.ts'
import { STAGES } from './failpoint.ts'
import { isSound, openKillStory, runOnce } from './run-once.ts'

let bundle: Bundle
let story: Story

beforeAll(async () => {
  bundle = await bundleWorker('test/kill/worker.ts')
  story = await openKillStory(bundle)
})
afterAll(async () => {
  await story.close()
  await bundle.remove()
})

test('what is deployed knows of no stage to stop at', async () => {
  const scripts = [await readModules(bundle.folder), (await build()).modules].map((modules) =>
    modules.map(({ contents }) => contents).join('\n'),
  )
  for (const word of ['failpoint', ...STAGES.map((stage) => `"${stage}"`)]) {
    expect(
      scripts.map((script) => script.includes(word)),
      word,
    ).toEqual([true, false])
  }
})

test.each(STAGES)('SIGKILL %s', async (stage) => {
  const outcome = await runOnce(story, stage, STAGES.indexOf(stage))
  expect(outcome.accepted).toBe(6)
  expect(isSound(stage, outcome), JSON.stringify(outcome)).toBe(true)
})
