import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { type CopyWork, composeCopies } from '../../src/app/compose-copies.ts'
import { identityAad } from '../../src/app/identity-seal.ts'
import { CHUNK_OCTETS } from '../../src/app/submission-body.ts'
import { ProtectionError } from '../../src/domain/protection-error.ts'
import { composeMessage } from '../../src/mime/compose.ts'
import type { AcceptedCopy, OutboxRpc } from '../../src/ports/outbox.ts'
import type { PlannedCopy } from '../../src/ports/protection-plan.ts'
import { createSealer } from '../../src/storage/sealer.ts'
import { attachment, submission } from '../mime/submission.ts'
import { openToy, type ToyOptions, toyCopy, toyRegistry } from '../support/toy-provider.ts'
import { WITHOUT_PROTECTION } from '../support/without-protection.ts'

const MARKER = 'the marker of the secret'
const BO = 'bo@example.net'
const EVE = 'eve@example.org'
const PLAIN: PlannedCopy = { role: 'named', recipients: [0], protect: null }

async function world(options: ToyOptions = {}) {
  const staged = new Map<string, Uint8Array[]>()
  const lines: Record<string, unknown>[] = []
  const sealer = createSealer(new Uint8Array(32).fill(7))
  const sealed = await sealer.seal('token', identityAad('desk', { kind: 'http', url: 'https://s' }))
  const outbox = {
    async stage(name: string, _index: number, chunk: Uint8Array) {
      staged.set(name, [...(staged.get(name) ?? []), chunk])
      return 'staged'
    },
  } as unknown as OutboxRpc
  const work: CopyWork = {
    deps: {
      clock: { now: () => Date.UTC(2026, 10, 24) },
      sealer,
      e2ee: toyRegistry(options),
      remoteSigner: ({ keyRef, algorithms, token }) => ({
        keyRef,
        algorithms,
        sign: async () => Buffer.from(token),
      }),
      providerContext: WITHOUT_PROTECTION.providerContext,
      logLine: (line) => void lines.push(line),
    },
    from: 'ada@example.com',
    dkim: [],
    target: (copy, inline) => ({ outbox, name: `m/${copy}`, inline, claim: null }),
    now: 0,
  }
  const planned = (...copies: PlannedCopy[]) =>
    copies.map((copy) => {
      const signer = copy.protect?.identity?.signer
      if (signer?.kind === 'http') signer.sealed_token = sealed
      return copy
    })
  return { work, planned, lines, staged }
}

const message = (fields = {}) =>
  composeMessage(
    submission({
      subject: MARKER,
      text: `${MARKER}\r\n`,
      to: [{ name: 'Bo', address: BO }],
      bcc: [{ name: 'Eve', address: EVE }],
      ...fields,
    }),
  )

function bodyOf({ body }: AcceptedCopy): Uint8Array {
  return 'inline' in body ? body.inline : Buffer.alloc(0)
}

describe('copies', () => {
  test('without protection: one, as it was composed', async () => {
    const { work } = await world()
    const [copy, ...more] = await composeCopies(await message(), [PLAIN], work)
    expect(more).toEqual([])
    expect(copy).toMatchObject({ copy: 0, role: 'named', protection: null, body_hash: null })
    expect(Buffer.from(copy?.header ?? []).toString()).toContain(`Subject: ${MARKER}\r\n`)
  })

  test('each is for its own recipients, and nothing in it tells of another', async () => {
    const { work, planned } = await world()
    const plan = planned(toyCopy('named', [[0, BO]]), toyCopy('bcc', [[1, EVE]]))
    const copies = await composeCopies(await message(), plan, work)
    const seen = copies.map((copy) => ({ copy, opened: openToy(bodyOf(copy)) }))
    expect(seen.map(({ opened }) => opened.for)).toEqual([[BO], [EVE]])
    for (const { copy, opened } of seen) {
      const outer = Buffer.from(copy.header).toString()
      expect(outer).toContain('Subject: [...]\r\n')
      expect(outer + Buffer.from(bodyOf(copy)).toString()).not.toContain(MARKER)
      expect(opened.content).toContain(`Subject: ${MARKER}\r\n`)
      expect(copy.size).toBe(copy.header.length + bodyOf(copy).length)
    }
    const [named] = seen
    expect(`${Buffer.from(named?.copy.header ?? [])}${named?.opened.content}`).not.toMatch(/eve/i)
    expect(named?.copy.protection).toMatchObject({
      operation: 'sign+encrypt',
      protocol: 'toy',
      recipient_keys: [Buffer.from(BO).toString('hex')],
      signer_key: Buffer.from('ada@example.com').toString('hex'),
    })
  })

  test('that come to too much together are refused after the first of them', async () => {
    const { work, planned, staged } = await world()
    const some = Array.from({ length: 40 }, (_, index) => toyCopy('bcc', [[index, EVE]]))
    const large = {
      ...(await message()),
      async *open() {
        for (let line = 0; line < 100_000; line++) yield Buffer.from(`${'x'.repeat(70)}\r\n`)
      },
    }
    const refused = composeCopies(large, planned(...some), work)
    await expect(refused).rejects.toMatchObject({ code: 'message.too_large' })
    expect([...staged.keys()]).toEqual(['m/0'])
  })

  test('have one time, one deadline, and one signature where they are signed alike', async () => {
    const { work, planned } = await world()
    const sign = vi.fn(async () => Buffer.from('signature'))
    const remoteSigner = () => ({ keyRef: 'k', algorithms: ['ed25519' as const], sign })
    let now = Date.UTC(2026, 10, 24)
    const deps = { ...work.deps, remoteSigner, clock: { now: () => now++ } }
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    const plan = planned(toyCopy('named', [[0, BO]]), toyCopy('bcc', [[1, EVE]]))
    const identity = plan[0]?.protect?.identity ?? null
    for (const { protect } of plan) if (protect) protect.identity = identity
    const copies = await composeCopies(await message(), plan, { ...work, deps })
    expect([copies.length, sign.mock.calls.length]).toEqual([2, 1])
    expect(timeout.mock.calls).toEqual([[120_000]])
    timeout.mockRestore()
  })

  test('DKIM is last, over what was protected', async () => {
    const { work, planned } = await world()
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const dkim = [
      { domain: 'example.com', selector: 's', algorithm: 'ed25519-sha256' as const, pem },
    ]
    const plan = planned(toyCopy('named', [[0, BO]]), PLAIN)
    const copies = await composeCopies(await message(), plan, { ...work, dkim })
    expect(copies.map(({ header }) => /^DKIM-Signature:/m.test(`${Buffer.from(header)}`))).toEqual([
      true,
      true,
    ])
    expect(copies[0]?.body_hash).not.toBe(copies[1]?.body_hash)
  })

  test('ride with the accepting call only while they are small together', async () => {
    const { work, planned, staged } = await world()
    const plan = planned(
      ...Array.from({ length: 9 }, (_, at) => toyCopy('bcc', [[at, `r${at}@example.org`]])),
    )
    const content = Buffer.alloc(CHUNK_OCTETS / 4, 'x')
    const composed = await message({ attachments: [attachment({ content })] })
    const copies = await composeCopies(composed, plan, work)
    const inline = copies.reduce((sum, copy) => sum + bodyOf(copy).length, 0)
    expect(inline).toBeLessThanOrEqual(4 * 1024 * 1024)
    expect([...staged.keys()]).toEqual(
      copies.filter(({ body }) => 'staged' in body).map(({ copy }) => `m/${copy}`),
    )
    expect(staged.size).toBeGreaterThan(0)
  })
})

describe('a provider', () => {
  const failing = (protect: ToyOptions['protect']) => async () => {
    const { work, planned, lines } = await world(protect ? { protect } : {})
    const error = await composeCopies(
      await message(),
      planned(toyCopy('named', [[0, BO]])),
      work,
    ).catch((each) => each)
    expect(JSON.stringify(lines)).not.toContain(MARKER)
    return { error, lines }
  }

  test('that throws in the middle of the body ends the whole, and only the log has its words', async () => {
    const { error, lines } = await failing(async (_, honest) => {
      const entity = await honest()
      async function* broken() {
        yield Buffer.from('AAAA\r\n')
        throw new RangeError(`cannot "${MARKER}"`)
      }
      return { ...entity, body: broken() }
    })()
    expect(error).toMatchObject({ code: 'provider.failed', message: 'the provider toy failed' })
    expect(lines).toMatchObject([
      { type: 'e2ee.provider_failed', provider: 'toy', name: 'RangeError' },
    ])
  })

  test('whose own error has a code keeps it', async () => {
    const { error, lines } = await failing(async () => {
      throw new ProtectionError('signer.unavailable')
    })()
    expect(error).toMatchObject({ code: 'signer.unavailable', retryable: true })
    expect(lines).toEqual([])
  })

  test('that is cut off for its time has an answer that can be tried again, where a signer elsewhere was asked', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
    try {
      const { error } = await failing(async ({ abort }) => {
        throw abort.reason
      })()
      expect(error).toMatchObject({ code: 'signer.unavailable', retryable: true })
    } finally {
      timeout.mockRestore()
    }
  })

  test.each([
    ['did not encrypt', { recipientKeys: [] }],
    ['did not sign', { signerKey: undefined }],
  ])('that says it %s is not believed', async (_, report) => {
    const { error } = await failing(async (__, honest) => {
      const entity = await honest()
      return { ...entity, report: { ...entity.report, ...report } as typeof entity.report }
    })()
    expect(error).toMatchObject({ code: 'provider.failed' })
  })
})
