import { expect, it } from 'vitest'
import { readExtensions } from '../../src/smtp/extensions.ts'

const read = (...lines: string[]) => readExtensions({ lines: ['relay.example.com', ...lines] })

it('reads what a relay offers, in any case', () => {
  const all = read(
    'pipelining',
    'SIZE 1000',
    '8BITMIME',
    'SMTPUTF8',
    'STARTTLS',
    'CHUNKING',
    'DSN',
    'REQUIRETLS',
    'AUTH plain LOGIN',
    'LIMITS MAILMAX=20 RCPTMAX=100 rcptdomainmax=5',
    'X-ODD thing',
  )
  expect(all).toMatchObject({
    pipelining: true,
    size: 1000,
    offersSize: true,
    eightBitMime: true,
    smtputf8: true,
    starttls: true,
    chunking: true,
    dsn: true,
    requiretls: true,
    auth: ['PLAIN', 'LOGIN'],
    limits: { mailMax: 20, rcptMax: 100, rcptDomainMax: 5 },
  })
  expect(all.names).toContain('X-ODD')
})

it('takes the first line for a name, never for an extension', () => {
  expect(readExtensions({ lines: ['STARTTLS'] }).starttls).toBe(false)
})

it.each([
  ['SIZE', undefined],
  ['SIZE 0', undefined],
  ['SIZE -1', undefined],
  ['SIZE lots', undefined],
  ['SIZE 35882577', 35882577],
])('%s is a limit of %s', (line, size) => {
  expect(read(line)).toMatchObject({ offersSize: true, size })
})

it('joins the old form of AUTH with the new one', () => {
  expect(read('AUTH=LOGIN PLAIN', 'AUTH CRAM-MD5 PLAIN').auth).toEqual([
    'LOGIN',
    'PLAIN',
    'CRAM-MD5',
  ])
})

it('has no limits where they make no sense', () => {
  expect(read('LIMITS RCPTMAX=0 MAILMAX=x RCPTDOMAINMAX=-1').limits).toEqual({})
})

it('keeps no more names, and no longer ones, than a server has', () => {
  const junk = Array.from({ length: 5000 }, (_, i) => `X-JUNK-${i}`)
  const { names } = readExtensions({ lines: ['relay', 'SIZE', `X${'Y'.repeat(40)}`, ...junk] })
  expect([names.length, names[0], names[1]]).toEqual([64, 'SIZE', 'X-JUNK-0'])
})
