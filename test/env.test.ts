import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../src/env.ts'
import { makeIdentity } from './support/smime-identity.ts'

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64')
const SECRETS = { POSTERN_MASTER_KEY: MASTER_KEY, POSTERN_ADMIN_TOKEN: 'a'.repeat(32) }

function problemsOf(env: Parameters<typeof readSettings>[0]): string[] {
  return (readSettings(env).problems ?? []).map(({ setting }) => setting)
}

describe('readSettings', () => {
  it('has a default for everything but the master key', () => {
    const { settings, secrets } = readSettings({ POSTERN_MASTER_KEY: MASTER_KEY })
    expect(secrets?.adminToken).toBeNull()
    expect(settings).toMatchObject({
      outboxShards: 1,
      maxRecipients: 50,
      relayReach: 'public',
      retryScheduleMs: [60_000, 300_000, 900_000, 3_600_000, 14_400_000],
      holdAfterMs: 900_000,
      storageLimitBytes: 8e9,
    })
  })

  it('keeps the defaults of parts that are left out of a list', () => {
    const { settings } = readSettings({ ...SECRETS, SMTP_DEADLINES: 'greeting=2s, data_end=5m' })
    expect(settings?.deadlines).toEqual({
      connect: 10_000,
      greeting: 2000,
      command: 60_000,
      data: 120_000,
      body: 180_000,
      data_end: 300_000,
    })
  })

  it('asks a resolver of its own, another one, or none', () => {
    const resolver = (text: string) =>
      readSettings({ ...SECRETS, DNS_OVER_HTTPS_URL: text }).settings?.dnsOverHttpsUrl
    expect(resolver('')).toBe('https://cloudflare-dns.com/dns-query')
    expect(resolver('https://dns.example.com/q')).toBe('https://dns.example.com/q')
    expect(resolver('off')).toBeNull()
    for (const wrong of [
      'http://dns.example.com/',
      'https://1.1.1.1/dns-query',
      'OFF',
      'https://a:b@dns.example.com/',
    ])
      expect(problemsOf({ ...SECRETS, DNS_OVER_HTTPS_URL: wrong })).toEqual(['DNS_OVER_HTTPS_URL'])
  })

  it('lists all problems together and never a value', () => {
    const bad = {
      POSTERN_ADMIN_TOKEN: 'short-token-value',
      POSTERN_MASTER_KEY: 'bm90IDMyIGJ5dGVz',
      POSTERN_MASTER_KEY_PREVIOUS: 'cHJldmlvdXM=',
      POSTERN_RELAY_URL: 'smtp://ada:s3cret-value@',
      POSTERN_PUBLIC_URL: 'http://mail.example.com',
      OUTBOX_SHARDS: '0x7f',
      MAX_RECIPIENTS: '1001',
      JURISDICTION: 'moon',
      ALLOW_PRIVATE_RELAYS: 'yes-please',
      SMTP_DEADLINES: 'connekt=10s',
      RETRY_SCHEDULE: '1m,,5m',
      AUTH_BACKOFF: '0h',
      SESSION_IDLE: '10 parsecs',
      STORAGE_LIMIT: '11GB',
      E2EE_PROVIDERS: 'smime,rot13',
      SMIME_TRUSTED_ROOTS: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      SMIME_INTERMEDIATES: 'no PEM at all',
    }
    expect(problemsOf(bad).sort()).toEqual(Object.keys(bad).sort())
    const text = JSON.stringify(readSettings(bad))
    for (const value of [...Object.values(bad), 's3cret-value']) expect(text).not.toContain(value)
  })

  it('takes a relay URL, and none that leads to this machine', () => {
    const url = 'smtp://ada:s3cret@smtp.example.com'
    const { secrets } = readSettings({ ...SECRETS, POSTERN_RELAY_URL: url })
    expect(secrets?.relayUrl).toMatchObject({ host: 'smtp.example.com', user: 'ada' })
    const inside = { ...SECRETS, POSTERN_RELAY_URL: 'smtp://ada:s3cret@localhost' }
    expect(problemsOf(inside)).toEqual(['POSTERN_RELAY_URL'])
    expect(problemsOf({ ...inside, ALLOW_PRIVATE_RELAYS: '1' })).toEqual([])
    expect(problemsOf({ ...inside, ALLOW_PRIVATE_RELAYS: 'loopback' })).toEqual([])
  })

  it('takes providers by name, each protocol once', () => {
    const read = (names: string) => readSettings({ ...SECRETS, E2EE_PROVIDERS: names })
    expect(read(' none , smime ').settings?.e2eeProviders).toEqual(['none', 'smime'])
    for (const names of ['smime,', 'smime,smime', 'SMIME', 'toString'])
      expect(read(names).problems?.map(({ setting }) => setting)).toEqual(['E2EE_PROVIDERS'])
  })

  it('takes certificates in PEM with text between them, and refuses all where one is mangled', async () => {
    const [one, two] = await Promise.all([makeIdentity('a@example.com'), makeIdentity('b@x.org')])
    const [first = '', second = ''] = [one, two].map(({ pem }) => pem.split('-----BEGIN PRIV')[0])
    const { settings } = readSettings({
      ...SECRETS,
      SMIME_TRUSTED_ROOTS: `Subject: a\n${first}\nSubject: b\n${second.replaceAll('\n', '\\n')}`,
    })
    const roots = settings?.smimeTrust.roots.map((der) => Buffer.from(der).toString('hex'))
    expect(roots).toEqual(
      [one, two].map(({ certificate }) => Buffer.from(certificate).toString('hex')),
    )
    for (const bad of [`${first}${second.replace('MII', 'MIJ')}`, one.pem])
      expect(problemsOf({ ...SECRETS, SMIME_TRUSTED_ROOTS: bad })).toEqual(['SMIME_TRUSTED_ROOTS'])
  })

  it('misses the master key, and treats an empty setting as unset', () => {
    expect(problemsOf({ POSTERN_MASTER_KEY: ' ', OUTBOX_SHARDS: '' })).toEqual([
      'POSTERN_MASTER_KEY',
    ])
  })

  it('takes the defaults that .dev.vars.example shows, which leaves only two secrets open', () => {
    const lines = readFileSync('.dev.vars.example', 'utf8').split('\n')
    const assignment = /^(# )?([A-Z0-9_]+)=(.*)$/
    const shown = lines.flatMap((line) => {
      const [, comment, name, value] = assignment.exec(line) ?? []
      return name === undefined ? [] : [{ name, value, commented: comment !== undefined }]
    })
    expect(shown.filter(({ commented }) => !commented).map(({ name }) => name)).toEqual([
      'POSTERN_ADMIN_TOKEN',
      'POSTERN_MASTER_KEY',
    ])
    const commented = shown.filter((each) => each.commented && each.name !== 'POSTERN_RELAY_URL')
    const example = Object.fromEntries(commented.map(({ name, value }) => [name, value]))
    expect(readSettings({ ...SECRETS, ...example })).toEqual(readSettings(SECRETS))
    const known = readFileSync('src/env.ts', 'utf8').matchAll(/^ {2}([A-Z0-9_]+)\?: string$/gm)
    expect(shown.map(({ name }) => name).sort()).toEqual(Array.from(known, (m) => m[1]).sort())
  })
})
