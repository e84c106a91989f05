/** The kit notices: each provider here breaks one rule, and the check of that rule says so. */

import { beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../../conformance/fixture.ts'
import { payloadOf } from '../../conformance/job.ts'
import { CHECKS } from '../../conformance/suite.ts'
import type { E2eeProvider, ProtectedEntity, ProtectJob } from '../../src/ports/e2ee-provider.ts'
import { conformance } from './smime.ts'

let sound: Fixture
let calls = 0

beforeAll(async () => {
  sound = await conformance()
})

type Mutation = (provider: E2eeProvider, fixture: Fixture) => Partial<E2eeProvider>

const withJob =
  (change: (job: ProtectJob, fixture: Fixture) => ProtectJob | Promise<ProtectJob>): Mutation =>
  (provider, fixture) => ({
    protect: async (job, context) => provider.protect(await change(job, fixture), context),
  })

const withEntity =
  (change: (entity: ProtectedEntity, job: ProtectJob) => Partial<ProtectedEntity>): Mutation =>
  (provider) => ({
    protect: async (job, context) => {
      const entity = await provider.protect(job, context)
      return { ...entity, ...change(entity, job) }
    },
  })

/** Not the size: it would be seen first. */
const withBody = (change: (body: Buffer, job: ProtectJob) => Buffer | Promise<Buffer>): Mutation =>
  withEntity(({ body, contentHeaders, report }, job) => ({
    contentHeaders,
    report,
    size: undefined as never,
    body: (async function* () {
      yield await change(await whole(body), job)
    })(),
  }))

const withRandom =
  (change: (octet: number, at: number, all: Uint8Array) => number) =>
  (job: ProtectJob): ProtectJob => ({
    ...job,
    random: (octets) => job.random(octets).map(change),
  })

async function whole(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of octets) parts.push(part)
  return Buffer.concat(parts)
}

async function stranger({ provider, recipients }: Fixture) {
  const third = recipients?.[2]
  const [facts] = third ? await provider.inspect(third.material) : []
  if (!facts) throw new Error('there is no third person')
  return { ...facts, ref: '', bound_to: null, source: 'x', trust: 'pinned' as const, first_seen: 0 }
}

const protectAnyway =
  (instead: (job: ProtectJob) => ProtectJob): Mutation =>
  (provider) => ({
    protect: (job, context) =>
      provider.protect(job, context).catch(() => provider.protect(instead(job), context)),
  })

const FORM = 'the body is 7-bit lines'
const HEADERS = 'contentHeaders are Content-*'
const REPORT = 'the report names the signer'
const LEAK = 'nothing that is encrypted shows'
const OPENS = 'it opens to the payload'
const FRESH = 'session key and IV'
const STRANGER = 'nobody outside of the job'
const EVERYBODY = 'it is encrypted to every key'

const MUTANTS: [what: string, rule: string, mutation: Mutation][] = [
  [
    'describes itself anew',
    'describe says the same',
    ({ describe }) => ({ describe: () => ({ ...describe(), maxBytes: calls++ }) }),
  ],
  [
    'finds nothing in garbage',
    'inspect refuses',
    ({ inspect }) => ({ inspect: (key) => inspect(key).catch(() => []) }),
  ],
  [
    'fails in words of its own',
    'inspect refuses',
    () => ({
      inspect: async () => {
        throw new Error('bad key')
      },
    }),
  ],
  [
    'says another protocol of its keys',
    'inspect tells',
    ({ inspect }) => ({
      inspect: async (key) => (await inspect(key)).map((facts) => ({ ...facts, protocol: 'x' })),
    }),
  ],
  [
    'throws for a bad key',
    'assess gives a verdict',
    ({ assess, inspect }) => ({
      assess: async (key, use, at) => {
        await inspect(key.material)
        return assess(key, use, at)
      },
    }),
  ],
  [
    'takes an expired key',
    'assess takes',
    ({ assess }) => ({ assess: (key, use) => assess(key, use, Date.now()) }),
  ],
  [
    'ends lines with a bare LF',
    FORM,
    withBody((body) => Buffer.from(body.toString('latin1').replace('\r\n', '\n'), 'latin1')),
  ],
  ['writes 8-bit octets', FORM, withBody((body) => Buffer.concat([Buffer.from('é\r\n'), body]))],
  [
    'writes long lines',
    FORM,
    withBody((body) => Buffer.concat([Buffer.from(`${'x'.repeat(999)}\r\n`), body])),
  ],
  ['ends without a line end', FORM, withBody((body) => body.subarray(0, -2))],
  [
    'writes the Subject',
    HEADERS,
    withEntity(({ contentHeaders }) => ({
      contentHeaders: [...contentHeaders, ['Subject', 'Hello']],
    })),
  ],
  [
    'folds a field',
    HEADERS,
    withEntity(({ contentHeaders }) => ({
      contentHeaders: contentHeaders.map(([name, value]) => [name, value.replace('; ', ';\r\n ')]),
    })),
  ],
  ['says a wrong size', 'size, where', withEntity(() => ({ size: 7 }))],
  [
    'reads three times',
    'the payload is opened twice',
    withJob(async (job) => {
      await whole(job.payload.open())
      await whole(job.payload.open())
      return job
    }),
  ],
  [
    'changes what it signed',
    'multipart/signed has',
    withBody((body) => Buffer.from(body.toString('latin1').replace('=46rom', 'From'), 'latin1')),
  ],
  [
    'leaks the content',
    LEAK,
    withBody(async (body, job) => Buffer.concat([await whole(job.payload.open()), body])),
  ],
  [
    'leaks it in base64',
    LEAK,
    withBody(async (body, job) =>
      Buffer.from(
        `${(await whole(job.payload.open())).toString('base64').slice(0, 400)}\r\n\r\n${body}`,
        'latin1',
      ),
    ),
  ],
  [
    'logs the content',
    LEAK,
    (provider) => ({
      protect: async (job, context) => {
        context.log({ text: String(await whole(job.payload.open())) })
        return provider.protect(job, context)
      },
    }),
  ],
  [
    'tells the content in its report',
    LEAK,
    withEntity(({ report }) => ({ report: { ...report, cipher: 'the-marker-of-the-kit' } })),
  ],
  [
    'names no signer',
    REPORT,
    withEntity(({ report: { signerKey: _, ...report } }) => ({ report })),
  ],
  [
    'names one key too few',
    REPORT,
    withEntity(({ report }) => ({
      report: { ...report, recipientKeys: report.recipientKeys.slice(1) },
    })),
  ],
  [
    'ignores a recipient',
    EVERYBODY,
    (provider) => ({
      protect: async (job, context) => {
        const all = await provider.protect(job, context)
        const less = await provider.protect(
          { ...job, recipients: job.recipients.slice(0, 1) },
          context,
        )
        return { ...less, report: all.report }
      },
    }),
  ],
  [
    'ignores own keys',
    EVERYBODY,
    (provider) => ({
      protect: async (job, context) => {
        const all = await provider.protect(job, context)
        return {
          ...(await provider.protect({ ...job, selfKeys: [] }, context)),
          report: all.report,
        }
      },
    }),
  ],
  [
    'encrypts to somebody else as well',
    STRANGER,
    (provider, fixture) => ({
      protect: async (job, context) => {
        const { report } = await provider.protect(job, context)
        const other = { ...(await stranger(fixture)), refreshed_at: 0, version: 1 }
        return {
          ...(await provider.protect({ ...job, selfKeys: [...job.selfKeys, other] }, context)),
          report,
        }
      },
    }),
  ],
  [
    'gives somebody else the session key',
    OPENS,
    (provider, fixture) => ({
      protect: async (job, context) => {
        const other = { ...(await stranger(fixture)), refreshed_at: 0, version: 1 }
        return provider.protect({ ...job, selfKeys: [...job.selfKeys, other] }, context)
      },
    }),
  ],
  [
    'encrypts something else',
    OPENS,
    withJob((job) => ({
      ...job,
      payload: payloadOf({ text: 'Content-Type: text/plain\r\n\r\n' }),
    })),
  ],
  ['has a session key of zeros', FRESH, withJob(withRandom(() => 0))],
  ['has one session key', FRESH, withJob(withRandom((_octet, at) => at))],
  [
    'has one IV',
    FRESH,
    withJob(withRandom((octet, at, { length }) => (length === 16 ? at : octet))),
  ],
  [
    'names somebody else in a header',
    STRANGER,
    withEntity(() => ({ outerHeaders: [['X-Known', 'di@example.org']] })),
  ],
  [
    'claims to hide recipients',
    'hideKeyIds',
    ({ describe }) => ({ describe: () => ({ ...describe(), hidesRecipients: true }) }),
  ],
  [
    'repeats itself',
    'the same message is never',
    (provider) => {
      let last: Buffer | undefined
      return {
        protect: async (job, context) => {
          const entity = await provider.protect(job, context)
          return {
            ...entity,
            size: undefined as never,
            body: (async function* () {
              const now = await whole(entity.body)
              if (job.operation === 'sign+encrypt') last ??= now
              yield job.operation === 'sign+encrypt' && last ? last : now
            })(),
          }
        },
      }
    },
  ],
  [
    'does less than it was asked',
    'without a key',
    protectAnyway((job) => ({
      ...job,
      recipients: job.recipients.filter(({ keys }) => keys.length > 0),
    })),
  ],
  [
    'leaves a bad key out',
    'one key that can not',
    protectAnyway((job) => ({ ...job, selfKeys: [], recipients: job.recipients.slice(0, 2) })),
  ],
  [
    'encrypts unsigned without a signer',
    'without a signer',
    protectAnyway((job) => ({ ...job, operation: 'encrypt' })),
  ],
  [
    'gives the failure of a signer another name',
    'what a signer fails with',
    (provider) => ({
      protect: async (job, context) => {
        const entity = await provider.protect(job, context).catch(() => {
          throw new Error('it failed')
        })
        return entity
      },
    }),
  ],
  [
    'ends where the payload failed',
    'what the payload fails with',
    withEntity(({ body }) => ({
      size: undefined as never,
      body: (async function* () {
        try {
          yield* body
        } catch {
          yield Buffer.from('--\r\n')
        }
      })(),
    })),
  ],
  [
    'hears no abort',
    'abort is obeyed',
    withJob((job) => ({ ...job, abort: new AbortController().signal })),
  ],
  [
    'holds the whole',
    'what says that it streams',
    withJob(async (job) => {
      const all = await whole(job.payload.open())
      return {
        ...job,
        payload: {
          size: all.length,
          async *open() {
            yield all
          },
        },
      }
    }),
  ],
  [
    'sets a bound and exceeds it',
    'more than maxBytes',
    ({ describe }) => ({ describe: () => ({ ...describe(), maxBytes: 1000 }) }),
  ],
  [
    'describes half of what it does',
    'an operation that it does not',
    ({ describe }) => ({ describe: () => ({ ...describe(), operations: ['sign' as const] }) }),
  ],
  ['has no id', 'it has an id', () => ({ id: '' })],
]

test.each(MUTANTS)('a provider that %s', async (_what, rule, mutation) => {
  const { provider } = sound
  const fixture = { ...sound, provider: { ...provider, ...mutation(provider, sound) } }
  const check = CHECKS.find((each) => each.rule.startsWith(rule))
  expect(check?.skip?.(fixture)).toBeUndefined()
  await expect(check?.run(fixture)).rejects.toThrow()
})
