/** The rules in a Worker: an outcome a line. */

import { type FixtureModule, fixtureOf } from './fixture.ts'
import { tryAll } from './suite.ts'

/** What a Worker that tries the module exports. */
export function serveRules(module: FixtureModule): { fetch(): Response } {
  return { fetch: () => new Response(streamOf(lines(module))) }
}

async function* lines(module: FixtureModule): AsyncGenerator<string, void, void> {
  try {
    const fixture = await fixtureOf(module)
    yield JSON.stringify({ id: fixture.provider.id })
    for await (const outcome of tryAll(fixture)) yield JSON.stringify(outcome)
  } catch (error) {
    const { name, message } = error as Error
    yield JSON.stringify({ name, message })
  }
}

function streamOf(lines: AsyncGenerator<string, void, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next()
      if (done) controller.close()
      else controller.enqueue(Buffer.from(`${value}\n`))
    },
  })
}
