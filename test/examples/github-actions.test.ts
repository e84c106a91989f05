import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../../local/paths.ts'
import { type ExampleGateway, hasPrograms, startExampleGateway } from './example-gateway.ts'
import { startScriptedGateway } from './scripted-gateway.ts'

const WORKFLOW = join(ROOT, 'examples', 'github-actions', 'mail-on-failure.yml')
const ENV = {
  FROM: 'ci@example.com',
  TO: 'team+ci@example.net',
  RUN: 'https://ci.example.com/42',
  KEY: '42-1-nightly',
}

describe.skipIf(!hasPrograms('bash', 'curl'))('the GitHub Action step', () => {
  let gateway: ExampleGateway
  let step: { if: string; run: string; env: Record<string, string> }
  beforeAll(async () => {
    gateway = await startExampleGateway()
    const { steps } = parse(await readFile(WORKFLOW, 'utf8')).jobs.nightly
    step = steps.find((one: { env?: object }) => one.env)
  })
  afterAll(() => gateway.stop())

  /** As the runner calls it. */
  const run = (env: Record<string, string> = {}) =>
    gateway.run('bash', ['--norc', '-e', '-c', step.run], { env: { ...ENV, ...env } })

  test('runs after a failure, with all that it reads', () => {
    expect(step.if).toBe('failure()')
    expect(Object.keys(step.env)).toEqual(['POSTERN_URL', 'POSTERN_KEY', ...Object.keys(ENV)])
  })

  test('sends one mail a run, tried again or not', async () => {
    expect(await run()).toMatchObject({ code: 0 })
    expect(await run()).toMatchObject({ code: 0 })
    expect(await run({ KEY: '43-1-nightly', RUN: 'https://ci.example.com/43' })).toMatchObject({
      code: 0,
    })
    const { envelope, content } = await gateway.arrival()
    expect(envelope.recipients).toEqual(['team+ci@example.net'])
    expect(content.text).toContain('https://ci.example.com/42')
    expect((await gateway.arrival()).content.text).toContain('https://ci.example.com/43')
  })

  test('tries again with the same key', async () => {
    const scripted = await startScriptedGateway([
      { status: 503, headers: { 'retry-after': '1' } },
      { status: 202 },
    ])
    expect(await run({ POSTERN_URL: scripted.url })).toMatchObject({ code: 0 })
    await scripted.stop()
    expect(scripted.asked.map(({ headers }) => headers['idempotency-key'])).toEqual([
      ENV.KEY,
      ENV.KEY,
    ])
  })

  test('fails with the reason', async () => {
    const { code, said } = await run({ TO: 'nobody', KEY: '44-1-nightly' })
    expect(code).toBe(22)
    expect(said).toContain('request.invalid')
    expect(await run({ POSTERN_KEY: '' })).toEqual({
      code: 1,
      said: '::error::Set the variable POSTERN_URL and the secret POSTERN_KEY.\n',
    })
  })
})
