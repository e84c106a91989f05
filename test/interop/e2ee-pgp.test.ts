/** OpenPGP keys × operations × tools: sent by the gateway through Postfix, opened and verified by what nobody here wrote. */

import { config } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { armorIn, type Identity, type KeyKind, makeIdentity } from '../support/pgp-identity.ts'
import { Matrix } from './matrix.ts'
import { ensureNewer } from './newer-packages.ts'
import { type OpenPgpTool, OpenPgpTools } from './openpgp-tools.ts'
import { type Journey, openJourney } from './protected-journey.ts'
import { partsOf } from './prototype-signer.ts'

const KINDS = {
  rsa: 'RSA-3072 v4',
  legacy: 'legacy Curve25519 v4',
  p256: 'P-256 v4',
  ids: 'ids 25/27 v4',
  v6: 'ids 25/27 v6',
} as const satisfies Record<string, KeyKind>
type Kind = keyof typeof KINDS
const NAMES = Object.keys(KINDS) as Kind[]

const SIGN = { sign: 'require', protocol: 'pgp-mime' }
const ENCRYPT = { encrypt: 'require', protocol: 'pgp-mime' }
/** Each is asked for by the request, and where it comes to settings of the operator by the recipient's domain. */
const OPERATIONS = {
  sign: { encryption: SIGN, domain: 'example.org', signs: true, encrypts: false },
  encrypt: { encryption: ENCRYPT, domain: 'example.org', signs: false, encrypts: true },
  'sign+encrypt': {
    encryption: { ...SIGN, ...ENCRYPT },
    domain: 'example.org',
    signs: true,
    encrypts: true,
  },
  'hidden key ids': {
    encryption: ENCRYPT,
    domain: 'hidden.example.org',
    signs: true,
    encrypts: true,
  },
  'modern profile': {
    encryption: ENCRYPT,
    domain: 'modern.example.org',
    signs: true,
    encrypts: true,
  },
} as const
type Operation = keyof typeof OPERATIONS

let journey: Journey
let tools: OpenPgpTools
let matrix: Matrix
const readers = {} as Record<Kind, Identity>
const senders = {} as Record<Kind, Identity>

beforeAll(async () => {
  await ensureNewer()
  tools = new OpenPgpTools()
  matrix = new Matrix(
    'OpenPGP',
    tools.all.map(({ name }) => name),
  )
  journey = await openJourney()
  await journey.policy([
    { recipients: ['*@hidden.example.org'], hide_key_ids: true },
    { recipients: ['*@modern.example.org'], profile: 'modern' },
  ])
  for (const name of NAMES) {
    senders[name] = await makeIdentity(`${name}@example.com`, KINDS[name])
    await journey.identity(`pgp-${name}`, senders[name].secret)
    readers[name] = await makeIdentity(`${name}@example.org`, KINDS[name])
    const certificate = readers[name].key.toPublic().armor(config)
    await journey.key(certificate)
    for (const domain of ['hidden', 'modern'])
      await journey.key(certificate, `${name}@${domain}.example.org`)
  }
}, 600_000)
afterAll(async () => {
  await journey?.close()
  tools?.close()
})

/** What the tool reads: what was signed, or was encrypted. @throws where it can't */
function read(mail: Buffer, kind: Kind, operation: Operation, tool: OpenPgpTool): string {
  const { signs, encrypts } = OPERATIONS[operation]
  const opened = encrypts ? tool.decrypt(readers[kind].secret, armorIn({ octets: mail })) : mail
  if (!signs) return opened.toString('latin1')
  const [content = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(opened)
  const certificate = senders[kind].key.toPublic().armor(config)
  tool.verify(certificate, armorIn({ octets: signature }), content)
  return content.toString('latin1')
}

describe.each(NAMES)('%s', (kind) => {
  test.each(Object.keys(OPERATIONS) as Operation[])('%s', async (operation) => {
    const { encryption, domain, signs, encrypts } = OPERATIONS[operation]
    const [mail, ...more] = await journey.send({
      from: signs ? `${kind}@example.com` : 'unsigned@example.com',
      to: `${kind}@${domain}`,
      subject: 'Quarterly figures',
      text: 'Grüße,\nFrom here on\n-- \nAda',
      encryption,
    })
    expect(more).toEqual([])
    const octets = mail?.octets ?? Buffer.alloc(0)
    expect(octets.includes('Quarterly')).toBe(!encrypts)
    const cells = tools.all.map((tool): [string, string] => {
      let content: string
      try {
        content = read(octets, kind, operation, tool)
      } catch {
        return [tool.name, 'no']
      }
      expect(content).toContain('Subject: Quarterly figures\r\n')
      expect(content).toContain(`hp="${encrypts ? 'cipher' : 'clear'}"`)
      expect(content).toMatch(/Gr=C3=BC=C3=9Fe,\r\n=46rom here on\r\n=2D-=20\r\nAda\r\n$/)
      return [tool.name, 'yes']
    })
    const made = Object.fromEntries(cells)
    expect(made).toEqual(matrix.row(`${KINDS[kind]}, ${operation}`, made))
  })
})

test('the table in docs/e2ee-matrix.md is this one', () => {
  const { made, written } = matrix.finish()
  console.log(made)
  expect(written).toBe(made)
})
