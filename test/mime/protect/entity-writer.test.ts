import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { protectable } from '../../../src/mime/protect/protectable.ts'
import { entityOf, HEADER, message, octets, source } from './entity.ts'

const MIXED = ['Content-Type: multipart/mixed; boundary="b"']

describe('the tree', () => {
  test('what is around the parts goes, the parts stay', async () => {
    const { body } = await entityOf(
      message(
        MIXED,
        'preamble \xfc',
        '--b',
        '',
        'one',
        '--b  ',
        '',
        'two',
        '--b--',
        'epilogue \xfc',
      ),
    )
    expect(body).toBe('--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n')
  })

  test('a boundary that begins like another one is another one', async () => {
    const { body } = await entityOf(
      message(
        ['Content-Type: multipart/mixed; boundary=ab'],
        '--ab',
        'Content-Type: multipart/alternative; boundary=abc',
        '',
        '--abc',
        '',
        'one',
        '--abcd',
        '--abc--',
        '--ab',
        '',
        'two',
        '--ab--',
      ),
    )
    // "--abcd" is text; it begins with "-".
    expect(body).toContain('one\r\n=2D-abcd\r\n--abc--\r\n--ab\r\n')
  })

  test('a last boundary that never came is put there, of all that are open', async () => {
    const { body } = await entityOf(
      message(
        MIXED,
        '--b',
        'Content-Type: multipart/mixed; boundary=c',
        '',
        '--c',
        '',
        'one',
        '--b',
        '',
        'two',
      ),
    )
    expect(body).toMatch(/one\r\n--c--\r\n--b\r\n\r\ntwo\r\n--b--\r\n$/)
  })

  test('inner ones before outer ones', async () => {
    const inner = ['--b', 'Content-Type: multipart/mixed; boundary=c', '', '--c', '', 'one']
    expect((await entityOf(message(MIXED, ...inner))).body).toMatch(/one\r\n--c--\r\n--b--\r\n$/)
  })

  test('parts of a digest are messages', async () => {
    const { body } = await entityOf(
      message(
        ['Content-Type: multipart/digest; boundary=b'],
        '--b',
        '',
        'Subject: one',
        '',
        'text ',
        '--b--',
      ),
    )
    expect(body).toContain(
      '--b\r\n\r\nSubject: one\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ntext=20',
    )
  })

  test.each([
    ['a multipart without boundary', ['Content-Type: multipart/mixed'], ['--b', '', 'x']],
    ['a multipart without parts', MIXED, ['the text is all before a boundary that never comes']],
    ['a part header that is none', MIXED, ['--b', 'no field', '', 'x', '--b--']],
    ['a part header of any length', MIXED, ['--b', ...Array(4000).fill(`X: ${'x'.repeat(70)}`)]],
    ['an unknown encoding of 8-bit content', ['Content-Transfer-Encoding: x-own'], ['\xfc']],
  ])('%s is refused', async (_, fields, body) => {
    await expect(entityOf(message(fields, ...body))).rejects.toMatchObject({
      code: 'message.uncanonicalisable',
    })
  })

  test('nor does depth cost more than it may', async () => {
    const nest = Array.from({ length: 70 }, (_, at) => [
      `--b${at}`,
      `Content-Type: multipart/mixed; boundary=b${at + 1}`,
      '',
    ]).flat()
    const end = ['--b70', '', 'x']
    const deep = message(['Content-Type: multipart/mixed; boundary=b0'], ...nest, ...end)
    await expect(entityOf(deep)).rejects.toMatchObject({ code: 'message.uncanonicalisable' })
  })
})

describe('any content', () => {
  const line = fc.oneof(
    fc
      .string({ unit: 'binary', maxLength: 90 })
      .map((text) => Buffer.from(text).toString('latin1')),
    fc.constantFrom(
      'From x',
      '.',
      '-- ',
      '--b',
      '--b--',
      '--c',
      '--c--',
      '',
      ' ',
      '=',
      '=3D=',
      'QUJD',
      'x\ry',
      'Content-Type: multipart/alternative; boundary=c',
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      'Content-Transfer-Encoding: quoted-printable',
      'Content-Transfer-Encoding: 8bit',
    ),
    fc.constant('x'.repeat(1100)),
    fc.constant('long \xfc'.repeat(900)),
  )
  const type = fc.constantFrom(
    ['Content-Type: text/plain; charset=utf-8'],
    ['Content-Type: text/html', 'Content-Transfer-Encoding: quoted-printable'],
    ['Content-Type: image/x', 'Content-Transfer-Encoding: base64'],
    ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: 8bit'],
    MIXED,
  )
  const mail = fc
    .tuple(type, fc.array(line, { maxLength: 14 }), fc.constantFrom('\r\n', '\n'))
    .map(([fields, lines, end]) =>
      Buffer.concat([message(fields, ''), Buffer.from(['--b', '', ...lines].join(end), 'latin1')]),
    )
  const operation = fc.constantFrom('sign' as const, 'sign+encrypt' as const)

  test('becomes canonical or is refused with a code, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        mail,
        operation,
        fc.integer({ min: 1, max: 40 }),
        async (octets, op, chunk) => {
          const whole = await entityOf(octets, { operation: op }).catch((error) => error.code)
          const cut = await entityOf(octets, { operation: op, chunk }).catch((error) => error.code)
          if (typeof whole === 'string') {
            expect(whole).toMatch(/^message\./)
            expect(cut).toBe(whole)
          } else expect(cut.whole.equals(whole.whole)).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('and once canonical it stays as it is', async () => {
    await fc.assert(
      fc.asyncProperty(mail, async (octets) => {
        const once = await entityOf(octets).catch(() => null)
        if (once) expect((await entityOf(once.whole)).whole.toString()).toBe(once.whole.toString())
      }),
      { numRuns: 300 },
    )
  })

  test('text is read as it was written', async () => {
    const char = fc.oneof(
      fc.constantFrom(' ', '\t', '.', '-', '=', 'ü', '日', 'F', '\n', '\n'),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
    )
    const text = fc.string({ unit: char, maxLength: 400 })
    await fc.assert(
      fc.asyncProperty(text, async (written) => {
        const head = message(['Content-Type: text/plain; charset=utf-8'], '')
        const { whole } = await entityOf(Buffer.concat([head, Buffer.from(`${written}\n|`)]))
        const read = (await PostalMime.parse(whole)).text?.replaceAll('\r\n', '\n')
        expect(read?.replace(/\n$/, '')).toBe(`${written}\n|`)
      }),
      { numRuns: 300 },
    )
  })
})

describe('memory', () => {
  test('an attachment of 20 MiB is never held: what came in has gone out', async () => {
    const line = `${'QUJD'.repeat(19)}\r\n`
    const chunk = Buffer.from(line.repeat(840))
    const chunks = Math.ceil((20 * 1024 * 1024 * 4) / 3 / chunk.length)
    let read = 0
    let most = 0
    let given = 0
    const head = octets(...HEADER, ...MIXED, '', '')
    const body = async function* () {
      yield Buffer.from('--b\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n\r\n')
      for (let at = 0; at < chunks; at++) {
        read += chunk.length
        yield chunk
        most = Math.max(most, read - given)
      }
      yield Buffer.from('--b--\r\n')
    }
    const made = protectable({ ...source(head), open: body }, { operation: 'sign' })
    for await (const part of made.payload.open()) given += part.length
    expect(given).toBeGreaterThan(27_000_000)
    expect(most).toBeLessThan(2 * chunk.length)
  })

  test.each(['a line of plain text\n', '\n'])('nor is text of any length: %j', async (line) => {
    const chunk = Buffer.from(line.repeat(63_000 / line.length))
    let read = 0
    let given = 0
    let most = 0
    const body = async function* () {
      for (let at = 0; at < 60; at++) {
        read += chunk.length
        yield chunk
        most = Math.max(most, read - given)
      }
    }
    const made = protectable({ ...source(message([], '')), open: body }, { operation: 'sign' })
    for await (const part of made.payload.open()) given += part.length
    expect(most).toBeLessThan(256 * 1024 + 2 * chunk.length)
  })
})
