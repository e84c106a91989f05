import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepSecrets } from '../../local/secrets.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-secrets-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('secrets are made once, and only their owner reads them', async () => {
  const made = await keepSecrets(dir)
  expect(Object.values(made).filter((secret) => secret.length >= 32)).toHaveLength(4)
  expect((await stat(join(dir, 'secrets.json'))).mode & 0o777).toBe(0o600)
  expect(await keepSecrets(dir)).toEqual(made)
})
