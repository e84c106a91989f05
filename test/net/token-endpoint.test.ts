import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { askTokenEndpoint } from '../../src/net/token-endpoint.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function endpoint(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
}

test('posts the form and answers status and body', async () => {
  let heard = ''
  const url = await endpoint(async (request, response) => {
    for await (const chunk of request) heard += chunk
    heard = `${request.method} ${request.headers['content-type']} ${heard}`
    response.writeHead(400).end('{"error":"invalid_grant"}')
  })
  const reply = await askTokenEndpoint(url, { client_secret: 'a&b=ü', scope: 'x y' })
  expect(reply).toEqual({ status: 400, body: '{"error":"invalid_grant"}' })
  expect(heard).toBe(
    'POST application/x-www-form-urlencoded client_secret=a%26b%3D%C3%BC&scope=x+y',
  )
})

test('follows no redirect: the secret stays where it was given', async () => {
  const asked: string[] = []
  const url = await endpoint((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(await askTokenEndpoint(url, { a: 'b' })).toMatchObject({ status: 307 })
  expect(asked).toEqual(['/token'])
})

test('takes no more than 64 KiB', async () => {
  const url = await endpoint((_, response) => {
    response.writeHead(200)
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(8192)));
      response.once('drain', pour)
    }
    pour()
  })
  expect(await askTokenEndpoint(url, { a: 'b' })).toEqual({ problem: 'too_large' })
})

test('does not wait for one that says nothing, or half', async () => {
  const silent = await endpoint(() => {})
  expect(await askTokenEndpoint(silent, {}, { ms: 200 })).toEqual({ problem: 'timeout' })
  const half = await endpoint((_, response) => void response.writeHead(200).write('{'))
  expect(await askTokenEndpoint(half, {}, { ms: 200 })).toEqual({ problem: 'timeout' })
})

test('nobody there', async () => {
  expect(await askTokenEndpoint('http://127.0.0.1:1/token', {})).toEqual({
    problem: 'unreachable',
  })
})
