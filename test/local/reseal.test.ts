/** `npm run reseal` against a gateway that answers as it is told. */

import { afterEach, expect, test } from 'vitest'
import { type ScriptedGateway, startScriptedGateway } from '../examples/scripted-gateway.ts'
import { runScript } from '../support/program.ts'

const TOKEN = 'admin-token-of-a-test-gateway-00001'

let gateway: ScriptedGateway | undefined
afterEach(() => gateway?.stop())

async function against(status: number, body: object) {
  gateway = await startScriptedGateway([{ status, body: JSON.stringify(body) }])
  return await reseal(['--url', gateway.url])
}

const reseal = (args: string[]) =>
  runScript('local/reseal.ts', args, { cwd: '/', env: { POSTERN_ADMIN_TOKEN: TOKEN } })

test('says how many were sealed anew, and that the earlier key can go', async () => {
  const { code, said } = await against(200, {
    relays: 2,
    dkim_keys: 1,
    identities: 3,
    triggers: 4,
    unopened: [],
  })
  expect({ code, said }).toEqual({
    code: 0,
    said: 'Sealed anew: 2 relays, 1 DKIM keys, 3 identities, 4 triggers.\nPOSTERN_MASTER_KEY_PREVIOUS can be removed.\n',
  })
  expect(gateway?.asked).toMatchObject([
    { url: '/v1/reseal', headers: { authorization: `Bearer ${TOKEN}` } },
  ])
})

test('names what no key opens, and does not say that the earlier one can go', async () => {
  const { code, said } = await against(200, {
    relays: 0,
    dkim_keys: 0,
    identities: 0,
    triggers: 0,
    unopened: ['relay old'],
  })
  expect(code).toBe(1)
  expect(said).toContain('\n  relay old\n')
  expect(said).not.toContain('can be removed')
})

test('a refusal is told in the words of the gateway, and silence by its address', async () => {
  const refused = await against(403, { code: 'auth.scope', detail: 'this needs a key' })
  expect(refused).toEqual({ code: 1, said: `${gateway?.url} answered 403: this needs a key\n` })
  const { url = '' } = gateway ?? {}
  await gateway?.stop()
  expect(await reseal(['--url', url])).toEqual({ code: 1, said: `${url} doesn't answer.\n` })
})

test('without an address it is a wrong call', async () => {
  const { code, said } = await reseal([])
  expect(code).toBe(2)
  expect(said).toContain('npm run reseal -- --url')
})
