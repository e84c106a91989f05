/** S/MIME keys × operations × tools: sent by the gateway through Postfix, opened and verified by what nobody here wrote. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AES256_GCM, RSAES_OAEP } from '../../src/e2ee/smime/algorithms.ts'
import {
  type Identity,
  type IdentityOptions,
  keyAgreement,
  keyCertSign,
  makeIdentity,
} from '../support/smime-identity.ts'
import { Matrix } from './matrix.ts'
import { ensureNewer } from './newer-packages.ts'
import { type Journey, openJourney } from './protected-journey.ts'
import { contentOf, partsOf } from './prototype-signer.ts'
import { type SmimeTool, SmimeTools } from './smime-tools.ts'

const SIGN = { sign: 'require', protocol: 'smime' }
const ENCRYPT = { encrypt: 'require', protocol: 'smime' }
const BOTH = [AES256_GCM, RSAES_OAEP]

/** Keys of senders. */
const SIGNED = {
  'RSA-2048': { kind: 'rsa', capabilities: BOTH },
  'ECDSA P-256': { kind: 'p-256' },
  'ECDSA P-384': { kind: 'p-384' },
  Ed25519: { kind: 'ed25519' },
} as const satisfies Record<string, IdentityOptions>

/** Keys of recipients; what they say of themselves is taken up under the profile `modern`. */
const ENVELOPED = {
  'CBC, RSA PKCS#1 v1.5': { kind: 'rsa' },
  'CBC, ECDH P-256': { kind: 'p-256' },
  'CBC, ECDH P-384': { kind: 'p-384' },
  'CBC, RSA-OAEP': { kind: 'rsa', capabilities: [RSAES_OAEP] },
  'GCM, RSA PKCS#1 v1.5': { kind: 'rsa', capabilities: [AES256_GCM] },
  'GCM, RSA-OAEP': { kind: 'rsa', capabilities: BOTH },
  'GCM, ECDH P-256': { kind: 'p-256', capabilities: [AES256_GCM] },
  'CBC, X25519': { kind: 'x25519', usage: keyAgreement },
} as const satisfies Record<string, IdentityOptions>

const names = <T extends object>(of: T) => Object.keys(of) as (keyof T)[]
const addressOf = (name: string, domain: string) => `${name.replace(/\W+/g, '-')}@${domain}`

let journey: Journey
let tools: SmimeTools
let matrix: Matrix
let issuer: Identity
let root = ''
const readers = {} as Record<keyof typeof ENVELOPED, Identity>

beforeAll(async () => {
  await ensureNewer()
  tools = new SmimeTools()
  matrix = new Matrix(
    'S/MIME',
    tools.all.map(({ name }) => name),
  )
  journey = await openJourney()
  await journey.policy([{ recipients: ['*@modern.example.org'], profile: 'modern' }])
  issuer = await makeIdentity('authority', { ca: true, usage: keyCertSign })
  root = issuer.x509.toString('pem')
  for (const name of names(SIGNED)) {
    const sender = await makeIdentity(addressOf(name, 'example.com'), { ...SIGNED[name], issuer })
    await journey.identity(`smime-${sender.x509.serialNumber.slice(0, 8)}`, sender.pem)
  }
  for (const name of names(ENVELOPED)) {
    const options: IdentityOptions = { ...ENVELOPED[name], issuer }
    const domain = options.capabilities ? 'modern.example.org' : 'example.org'
    readers[name] = await makeIdentity(addressOf(name, domain), options)
    await journey.key(readers[name].x509.toString('pem'))
  }
}, 600_000)
afterAll(async () => {
  await journey?.close()
  tools?.close()
})

async function arrived(from: string, to: string, encryption: object): Promise<Buffer> {
  const mails = await journey.send({
    from,
    to,
    subject: 'Quarterly figures',
    text: 'Grüße,\nFrom here on\n-- \nAda',
    encryption,
  })
  expect(mails).toHaveLength(1)
  return mails[0]?.octets ?? Buffer.alloc(0)
}

function verified(entity: Buffer, tool: SmimeTool): Buffer {
  const [content = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(entity)
  tool.verify(root, derOf(signature), content)
  return content
}

const derOf = (entity: Buffer) => Buffer.from(contentOf(entity).toString('latin1'), 'base64')

/** Each tool reads it, or doesn't; what it reads is the message. */
function expectRow(name: string, hp: 'clear' | 'cipher', read: (tool: SmimeTool) => Buffer) {
  const cells = tools.all.map((tool): [string, string] => {
    let content: string
    try {
      content = read(tool).toString('latin1')
    } catch (error) {
      if (process.env.WHY) console.log(name, tool.name, error)
      return [tool.name, 'no']
    }
    expect(content).toContain('Subject: Quarterly figures\r\n')
    expect(content).toContain(`hp="${hp}"`)
    expect(content).toMatch(/Gr=C3=BC=C3=9Fe,\r\n=46rom here on\r\n=2D-=20\r\nAda\r\n$/)
    return [tool.name, 'yes']
  })
  const made = Object.fromEntries(cells)
  expect(made).toEqual(matrix.row(name, made))
}

test.each(names(SIGNED))('sign, %s', async (name) => {
  const mail = await arrived(addressOf(name, 'example.com'), 'any@example.org', SIGN)
  expectRow(`sign, ${name}`, 'clear', (tool) => verified(mail, tool))
})

describe.each(names(ENVELOPED))('%s', (name) => {
  const { kind, capabilities = [] } = ENVELOPED[name] as IdentityOptions
  const address = addressOf(name, capabilities.length > 0 ? 'modern.example.org' : 'example.org')
  const made = { isAead: capabilities.includes(AES256_GCM), isOaep: name.includes('OAEP'), kind }

  function expectForm(mail: Buffer): void {
    const der = derOf(mail).toString('hex')
    const type = made.isAead ? 'authEnveloped-data' : 'enveloped-data'
    expect(mail.toString('latin1')).toContain(`smime-type=${type}`)
    expect(der.includes('060960864801650304012e')).toBe(made.isAead)
    expect(der.includes('06092a864886f70d010107')).toBe(made.isOaep)
  }

  test('encrypt', async () => {
    const mail = await arrived('unsigned@example.com', address, ENCRYPT)
    expectForm(mail)
    expectRow(`encrypt, ${name}`, 'cipher', (tool) => tool.decrypt(readers[name].pem, derOf(mail)))
  })

  test('sign+encrypt', async () => {
    const from = addressOf('RSA-2048', 'example.com')
    const mail = await arrived(from, address, { ...SIGN, ...ENCRYPT })
    expectRow(`sign+encrypt, ${name}`, 'cipher', (tool) =>
      verified(tool.decrypt(readers[name].pem, derOf(mail)), tool),
    )
  })
})

test('X25519, which none of them can open, is opened by asn1crypto and cryptography', async () => {
  const reader = readers['CBC, X25519']
  const to = addressOf('CBC, X25519', 'example.org')
  const mail = await arrived(addressOf('RSA-2048', 'example.com'), to, { ...SIGN, ...ENCRYPT })
  const entity = tools.openX25519(reader.pem, derOf(mail))
  for (const tool of tools.all) {
    if (tool.name.startsWith('OpenSSL'))
      expect(verified(entity, tool).toString()).toContain('Subject: Quarterly figures\r\n')
  }
})

test('the table in docs/e2ee-matrix.md is this one', () => {
  const { made, written } = matrix.finish()
  console.log(made)
  expect(written).toBe(made)
})
