import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import type { Submission } from '../../src/domain/submission.ts'
import { ComposeError, composeMessage } from '../../src/mime/compose.ts'
import { reservedHeader } from '../../src/mime/reserved-headers.ts'
import { attachment, compose, lineFaults, submission } from './submission.ts'

async function violations(fields: Partial<Submission>): Promise<[string, string][]> {
  try {
    await composeMessage(submission(fields))
  } catch (error) {
    if (error instanceof ComposeError)
      return error.violations.map((each) => [each.pointer, each.code])
    throw error
  }
  return []
}

describe('what is refused', () => {
  test.each<[string, Partial<Submission>, string, string]>([
    [
      'subject with a line break',
      { subject: 'a\r\nBcc: x@example.com' },
      '/subject',
      'header.value',
    ],
    ['header with CR', { headers: [['X-A', 'a\rb']] }, '/headers/X-A', 'header.value'],
    [
      'header with LF',
      { headers: [['X-A', 'a\nBcc: x@example.com']] },
      '/headers/X-A',
      'header.value',
    ],
    ['header with NUL', { headers: [['X-A', 'a\0b']] }, '/headers/X-A', 'header.value'],
    ['empty header', { headers: [['X-A', ' ']] }, '/headers/X-A', 'header.value'],
    ['huge header', { headers: [['X-A', 'a'.repeat(8193)]] }, '/headers/X-A', 'header.value'],
    [
      'name with a colon',
      { headers: [['X-A: b\r\nBcc', 'c']] },
      '/headers/X-A: b\r\nBcc',
      'header.name',
    ],
    ['name with a blank', { headers: [['X A', 'b']] }, '/headers/X A', 'header.name'],
    ['name that is not ASCII', { headers: [['X-Ä', 'b']] }, '/headers/X-Ä', 'header.name'],
    ['empty name', { headers: [['', 'b']] }, '/headers/', 'header.name'],
    ['reserved header', { headers: [['bCC', 'x@example.com']] }, '/headers/bCC', 'header.reserved'],
    [
      'pointer with a slash',
      { headers: [['Content-A/~b', 'x']] },
      '/headers/Content-A~1~0b',
      'header.reserved',
    ],
    ['in_reply_to without brackets', { in_reply_to: 'a@b' }, '/in_reply_to', 'header.message_id'],
    [
      'two ids in one',
      { references: ['<a@b>', '<a@b> <c@d>'] },
      '/references/1',
      'header.message_id',
    ],
    ['auto_submitted', { auto_submitted: 'yes; really' }, '/auto_submitted', 'header.value'],
    [
      'unsubscribe without either',
      { unsubscribe: { url: null, mailto: null, one_click: false } },
      '/unsubscribe',
      'unsubscribe.invalid',
    ],
    [
      'unsubscribe url that breaks out',
      { unsubscribe: { url: 'https://example.com/>,<x:', mailto: null, one_click: false } },
      '/unsubscribe/url',
      'unsubscribe.invalid',
    ],
    [
      'unsubscribe url of another kind',
      { unsubscribe: { url: 'javascript:alert(1)', mailto: null, one_click: false } },
      '/unsubscribe/url',
      'unsubscribe.invalid',
    ],
    [
      'one-click over http',
      { unsubscribe: { url: 'http://example.com/u', mailto: null, one_click: true } },
      '/unsubscribe/one_click',
      'unsubscribe.invalid',
    ],
    [
      'unsubscribe mailto',
      { unsubscribe: { url: null, mailto: 'a@b, c@d', one_click: false } },
      '/unsubscribe/mailto',
      'unsubscribe.invalid',
    ],
    [
      'calendar method',
      { calendar: { method: 'INVITE', content: 'BEGIN:VCALENDAR\n' } },
      '/calendar/method',
      'calendar.invalid',
    ],
    [
      'calendar methods that differ',
      { calendar: { method: 'CANCEL', content: 'BEGIN:VCALENDAR\nMETHOD:REQUEST\n' } },
      '/calendar/method',
      'calendar.invalid',
    ],
    [
      'calendar content',
      { calendar: { method: 'REQUEST', content: 'hello' } },
      '/calendar/content',
      'calendar.invalid',
    ],
    [
      'content type with a break',
      { attachments: [attachment({ content_type: 'text/plain\r\nX: y' })] },
      '/attachments/0/content_type',
      'attachment.invalid',
    ],
    [
      'multipart attachment',
      { attachments: [attachment({ content_type: 'multipart/mixed' })] },
      '/attachments/0/content_type',
      'attachment.invalid',
    ],
    [
      'file name with a break',
      { attachments: [attachment({ filename: 'a\nb' })] },
      '/attachments/0/filename',
      'attachment.invalid',
    ],
    [
      'long file name',
      { attachments: [attachment({ filename: 'a'.repeat(256) })] },
      '/attachments/0/filename',
      'attachment.invalid',
    ],
    [
      'content id with brackets',
      { attachments: [attachment({ content_id: '<a>' })] },
      '/attachments/0/content_id',
      'attachment.invalid',
    ],
    [
      'content id used twice',
      { attachments: [attachment({ content_id: 'a' }), attachment({ content_id: 'a' })] },
      '/attachments/1/content_id',
      'attachment.invalid',
    ],
    ['no content', { text: null, html: null }, '/text', 'content.missing'],
  ])('%s', async (_, fields, pointer, code) => {
    expect(await violations(fields)).toEqual([[pointer, code]])
  })

  test('everything wrong is said at once', async () => {
    const found = await violations({ subject: '\n', headers: [['To', 'x']], in_reply_to: 'x' })
    expect(found.map(([pointer]) => pointer)).toEqual(['/subject', '/headers/To', '/in_reply_to'])
  })

  test.each([
    'From',
    'TO',
    'content-type',
    'Content-Foo',
    'Resent-To',
    'ARC-Seal',
    'Received',
    'Return-Path',
    'DKIM-Signature',
    'List-Unsubscribe',
    'Postern-From',
    'TLS-Required',
    'constructor',
  ])('%s', (name) => {
    expect(reservedHeader(name) !== undefined).toBe(name !== 'constructor')
  })
})

const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/gu
const line = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...' "\\=?_.,;<>()@:ab'.split('')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 200,
  })
  .map((text) => text.replace(control, ''))
const content = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      ' ',
      '.',
      'From ',
      '\t',
      '\0',
      '=',
      'ü',
      '-- ',
      'x'.repeat(1000),
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  ),
  maxLength: 60,
})
/** Line ends are CRLF on the way, whatever they were; lone surrogates can't be UTF-8. */
const lines = (text: string | undefined) =>
  (text ?? '').toWellFormed().replace(/\r\n?/g, '\n').replace(/\n+$/, '')
const words = (text: string | undefined) => (text ?? '').replace(/\s+/gu, ' ').trim()

describe('whatever the input', () => {
  test('lines are canonical and 7-bit, and every reader gets the text back', async () => {
    await fc.assert(
      fc.asyncProperty(content, content, async (text, html) => {
        const { octets } = await compose({ text, html })
        expect(lineFaults(octets)).toEqual([])
        expect(octets.some((octet) => octet > 0x7f)).toBe(false)
        const mail = await PostalMime.parse(octets)
        expect(lines(mail.text)).toBe(lines(text))
        expect(lines(mail.html)).toBe(lines(html))
      }),
      { numRuns: 150 },
    )
  })

  test('subject, names, file names and headers come back as they were', async () => {
    await fc.assert(
      fc.asyncProperty(line, line, line, async (subject, name, filename) => {
        fc.pre(!/\s{20}/u.test(filename))
        const { octets, header } = await compose({
          subject,
          from: { name: name.trim(), address: 'ada@example.com' },
          headers: subject.trim() === '' ? [] : [['X-Copy', subject]],
          attachments: [attachment({ filename })],
        })
        expect(lineFaults(octets)).toEqual([])
        expect(header).not.toMatch(/\r\n[ \t]+\r\n/)
        const mail = await PostalMime.parse(octets)
        expect(words(mail.subject)).toBe(words(subject))
        expect(mail.from).toMatchObject({ address: 'ada@example.com' })
        if (!name.includes('=?')) expect(words(mail.from?.name)).toBe(words(name))
        const copy = mail.headers.find((each) => each.key === 'x-copy')
        if (!subject.includes('=?')) expect(copy === undefined).toBe(subject.trim() === '')
      }),
      { numRuns: 150 },
    )
  })

  test('long text without a blank is folded or encoded, never cut', async () => {
    const subject = 'x'.repeat(3000)
    const { octets } = await compose({ subject, headers: [['X-Long', 'y'.repeat(3000)]] })
    expect(lineFaults(octets)).toEqual([])
    expect((await PostalMime.parse(octets)).subject).toBe(subject)
  })

  test('text that looks like an encoded-word stays text', async () => {
    const subject = '=?utf-8?Q?=0D=0ABcc:_x@example.com?='
    const { octets, header } = await compose({ subject })
    expect(header).not.toContain('=?utf-8?Q?=0D')
    expect((await PostalMime.parse(octets)).subject).toBe(subject)
  })
})
