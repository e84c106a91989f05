import { describe, expect, test } from 'vitest'
import type { Violation } from '../../../src/domain/errors.ts'
import { newSourceSecret } from '../../../src/domain/source/new-secret.ts'
import { readSourceSecrets } from '../../../src/domain/source/read-secrets.ts'
import { readSource, SOURCE_TYPES } from '../../../src/domain/source/read-source.ts'
import type { SourceConfig } from '../../../src/domain/source/source.ts'

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alerts'

function read(input: unknown) {
  const violations: Violation[] = []
  const source = readSource(input, '/source', violations)
  return { source, found: violations.map(({ pointer, code }) => `${pointer} ${code}`), violations }
}

/** The shortest configuration of each type. */
const SHORTEST: Record<SourceConfig['type'], object> = {
  'standard-webhooks': {},
  github: {},
  meta: { verify_token: 'told-to-meta' },
  stripe: {},
  slack: {},
  shopify: {},
  gitlab: {},
  twilio: {},
  sns: { topics: [TOPIC] },
  hmac: { header: 'X-Signature' },
  basic: {},
  bearer: {},
  form: { origins: ['https://example.com'] },
}

describe('a source', () => {
  test.each(SOURCE_TYPES)(
    '%s is read, its defaults filled in, and reads the same again',
    (type) => {
      const { source, found } = read({ type, ...SHORTEST[type] })
      expect(found).toEqual([])
      expect(source?.type).toBe(type)
      expect(read(source)).toMatchObject({ source, found: [] })
    },
  )

  test('has the defaults that are documented', () => {
    expect(read({ type: 'hmac', header: 'X-Sig', timestamp_header: 'X-Time' }).source).toEqual({
      type: 'hmac',
      header: 'x-sig',
      algorithm: 'sha256',
      encoding: 'hex',
      prefix: '',
      content: '{timestamp}.{body}',
      timestamp_header: 'x-time',
      timestamp_unit: 'seconds',
      tolerance: 300,
    })
    expect(read({ type: 'gitlab' }).source).toEqual({ type: 'gitlab', by: 'token', tolerance: 300 })
    expect(read({ type: 'bearer' }).source).toEqual({ type: 'bearer', header: 'authorization' })
  })

  test.each<[string, unknown, string[]]>([
    ['no object', 'github', ['/source field.wrong_type']],
    ['no object either', ['github'], ['/source field.wrong_type']],
    ['no type', {}, ['/source/type field.not_allowed']],
    ['another type', { type: 'gitea' }, ['/source/type field.not_allowed']],
    ['a type of all objects', { type: 'toString' }, ['/source/type field.not_allowed']],
    ['a field too many', { type: 'github', tolerance: 1 }, ['/source/tolerance field.unknown']],
    ['a name with a slash', { type: 'basic', 'a/b': 1 }, ['/source/a~1b field.unknown']],
    ['no tolerance', { type: 'stripe', tolerance: 0 }, ['/source/tolerance field.too_small']],
    ['a day', { type: 'stripe', tolerance: 86_400 }, ['/source/tolerance field.too_large']],
    ['half a second', { type: 'slack', tolerance: 0.5 }, ['/source/tolerance field.wrong_type']],
    ['no token for Meta', { type: 'meta' }, ['/source/verify_token field.required']],
    ['a short one', { type: 'meta', verify_token: 'a' }, ['/source/verify_token field.format']],
    ['another proof', { type: 'gitlab', by: 'ip' }, ['/source/by field.not_allowed']],
    ['no address', { type: 'twilio', url: 'sms' }, ['/source/url field.format']],
    ['a query', { type: 'twilio', url: 'https://a.example/?b' }, ['/source/url field.format']],
    ['a user', { type: 'twilio', url: 'https://a:b@c.example/' }, ['/source/url field.format']],
    ['no topics', { type: 'sns' }, ['/source/topics field.required']],
    ['none in the list', { type: 'sns', topics: [] }, ['/source/topics field.too_few']],
    ['any topic', { type: 'sns', topics: [TOPIC, '*'] }, ['/source/topics/1 field.format']],
    ['a number', { type: 'sns', topics: [1] }, ['/source/topics/0 field.wrong_type']],
    ['any origin', { type: 'form', origins: ['*'] }, ['/source/origins/0 field.format']],
    [
      'a path',
      { type: 'form', origins: ['https://a.example/'] },
      ['/source/origins/0 field.format'],
    ],
    ['null', { type: 'form', origins: ['null'] }, ['/source/origins/0 field.format']],
    [
      'a script for a redirect',
      { type: 'form', origins: ['https://a'], redirect: 'javascript:alert(1)' },
      ['/source/redirect field.format'],
    ],
    [
      'one origin bare',
      { type: 'form', origins: 'https://a' },
      ['/source/origins field.wrong_type'],
    ],
    ['no header', { type: 'hmac' }, ['/source/header field.required']],
    ['no header name', { type: 'hmac', header: 'a b' }, ['/source/header field.format']],
    [
      'MD5',
      { type: 'hmac', header: 'a', algorithm: 'md5' },
      ['/source/algorithm field.not_allowed'],
    ],
    ['a comma', { type: 'hmac', header: 'a', prefix: 'v1, ' }, ['/source/prefix field.format']],
    [
      'nothing signed',
      { type: 'hmac', header: 'a', content: 'x' },
      ['/source/content field.format'],
    ],
    [
      'a body twice',
      { type: 'hmac', header: 'a', content: '{body}{body}' },
      ['/source/content field.format'],
    ],
    [
      'a time that is not signed',
      { type: 'hmac', header: 'a', timestamp_header: 'b', content: '{body}' },
      ['/source/content field.format'],
    ],
    [
      'a time from nowhere',
      { type: 'hmac', header: 'a', content: '{timestamp}{body}' },
      ['/source/content field.format'],
    ],
    [
      'one header for two',
      { type: 'hmac', header: 'A', timestamp_header: 'a' },
      ['/source/timestamp_header field.duplicate'],
    ],
    [
      'several faults, all of them',
      { type: 'hmac', encoding: 'hexa', timestamp_unit: 'days', colour: 1 },
      [
        '/source/header field.required',
        '/source/encoding field.not_allowed',
        '/source/timestamp_unit field.not_allowed',
        '/source/colour field.unknown',
      ],
    ],
  ])('is refused: %s', (_, input, expected) => {
    expect(read(input).found).toEqual(expected)
  })

  test('no fault repeats what was given', () => {
    const given = 'Zq9-secret-Zq9'
    const all = read({ type: 'hmac', header: `${given} `, prefix: `${given},`, content: given })
    expect(all.violations.length).toBeGreaterThan(2)
    expect(JSON.stringify(all.violations)).not.toContain(given)
  })
})

function secretsOf(source: SourceConfig, secrets: string[]) {
  const violations: Violation[] = []
  const read = readSourceSecrets(source, secrets, '/secrets', violations)
  return { read, found: violations.map(({ pointer, code }) => `${pointer} ${code}`), violations }
}

describe('secrets', () => {
  const GOOD = 'mGqvXnqPzqY4Jd2sVtM1wA7c'
  const GITHUB: SourceConfig = { type: 'github' }
  const STANDARD: SourceConfig = { type: 'standard-webhooks', tolerance: 300 }
  const BASIC: SourceConfig = { type: 'basic' }

  test.each<[string, SourceConfig, string[], string[]]>([
    ['one', GITHUB, [GOOD], []],
    ['none', GITHUB, [], ['/secrets field.too_few']],
    ['a short one', GITHUB, [GOOD, 'hunter2'], ['/secrets/1 field.format']],
    ['spaces around', GITHUB, [` ${GOOD}`], ['/secrets/0 field.format']],
    ['twice the same', GITHUB, [GOOD, GOOD], ['/secrets/1 field.duplicate']],
    ['six', GITHUB, [1, 2, 3, 4, 5, 6].map((i) => GOOD + i), ['/secrets field.too_many']],
    ['base64', STANDARD, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], []],
    ['base64 without its prefix', STANDARD, ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], []],
    ['too few octets', STANDARD, ['whsec_MfKQ'], ['/secrets/0 field.format']],
    ['no base64', STANDARD, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS'], ['/secrets/0 field.format']],
    ['user and password', BASIC, [`monitor:${GOOD}`], []],
    ['a password alone', BASIC, [GOOD], ['/secrets/0 field.format']],
    [
      'a token with a space',
      { type: 'bearer', header: 'authorization' },
      ['a b c d e f g h i'],
      ['/secrets/0 field.format'],
    ],
    [
      'a form has none',
      { type: 'form', origins: [], honeypot: null, redirect: null, max_per_address: 5 },
      [GOOD],
      ['/secrets field.too_many'],
    ],
    ['nor has SNS', { type: 'sns', topics: [], tolerance: 300 }, [], []],
  ])('%s', (_, source, secrets, expected) => {
    const { found, violations } = secretsOf(source, secrets)
    expect(found).toEqual(expected)
    for (const secret of secrets) expect(JSON.stringify(violations)).not.toContain(secret)
  })

  test.each(SOURCE_TYPES)('a new one for %s is good, or is for the source to make', (type) => {
    const source = read({ type, ...SHORTEST[type] }).source as SourceConfig
    const secret = newSourceSecret(source)
    const isOurs = ['standard-webhooks', 'github', 'gitlab', 'hmac', 'basic', 'bearer'].includes(
      type,
    )
    expect(secret !== null).toBe(isOurs)
    if (secret === null) return
    expect(secretsOf(source, [secret])).toMatchObject({ read: [secret], found: [] })
    expect(newSourceSecret(source)).not.toBe(secret)
  })
})
