import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestGateway } from '../support/gateway.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-serve-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('answers, ends on SIGTERM with its data kept, and starts again after SIGKILL', async () => {
  const gateway = await startTestGateway({ dataDir: dir })
  expect((await gateway.fetch('/health')).status).toBe(200)
  await gateway.sweep()
  await gateway.kill()
  await expect(gateway.fetch('/health')).rejects.toThrow()
  await gateway.restart()
  expect((await gateway.fetch('/health')).status).toBe(200)
  const { url } = gateway
  await gateway.stop()
  await expect(fetch(`${url}/health`)).rejects.toThrow()
})

test('two gateways never run on the same data', async () => {
  const first = await startTestGateway({ dataDir: dir })
  await expect(startTestGateway({ dataDir: dir })).rejects.toThrow(
    `Another gateway runs on the data in ${dir}. Stop it, or choose another directory with --data DIR.`,
  )
  expect((await first.fetch('/health')).status).toBe(200)
  await first.stop()
  const second = await startTestGateway({ dataDir: dir })
  await second.stop()
})

test('nor beside a runtime whose launcher was killed', async () => {
  const first = await startTestGateway({ dataDir: dir })
  await first.killLauncher()
  expect((await first.fetch('/health')).status).toBe(200)
  const port = new URL(first.url).port
  await expect(startTestGateway({ dataDir: dir })).rejects.toThrow(
    `end the workerd process that listens on port ${port} first`,
  )
  await first.kill()
  const second = await startTestGateway({ dataDir: dir })
  await second.stop()
})

test('without an admin token it says that nobody gets in, until a key can manage', async () => {
  const nobody = expect.stringContaining('Nobody can manage this gateway: POSTERN_ADMIN_TOKEN')
  const gateway = await startTestGateway({ dataDir: dir })
  await gateway.post('/v1/keys', { name: 'sender', scopes: ['send'] })
  expect(gateway.lines).not.toContainEqual(nobody)
  await gateway.stop()
  await gateway.restart({ POSTERN_ADMIN_TOKEN: undefined })
  expect(gateway.lines).toContainEqual(nobody)
  await gateway.stop()
  await gateway.restart({ POSTERN_ADMIN_TOKEN: gateway.adminToken })
  await gateway.post('/v1/keys', { name: 'deploy', scopes: ['manage'] })
  await gateway.stop()
  const said = gateway.lines.length
  await gateway.restart({ POSTERN_ADMIN_TOKEN: undefined })
  expect(gateway.lines.slice(said)).not.toContainEqual(nobody)
  await gateway.stop()
})
