import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { startTestGateway } from '../support/gateway.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-serve-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function serve(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(ROOT, 'local', 'serve.ts'), ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH, ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said }
}

const SECRETS = {
  POSTERN_ADMIN_TOKEN: 'adm_0123456789abcdef0123456789abcdef',
  POSTERN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
}

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

test('a taken port is named, with the way to another', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => squatter.once('listening', resolve))
  const { port } = squatter.address() as { port: number }
  const { code, said } = await serve(['--port', String(port), '--data', dir], SECRETS)
  squatter.close()
  expect(code).toBe(1)
  expect(said).toContain(`Port ${port} for the gateway is taken`)
  expect(said).toContain('--port N')
})

test('an unknown argument ends with the usage', async () => {
  const { code, said } = await serve(['--prot', '1'])
  expect(code).toBe(2)
  expect(said).toContain('npm run serve')
})
