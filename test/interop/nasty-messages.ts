/** Messages that are hard to sign, and what becomes of a signature over them as they are on its way through Postfix. */

import type { Mangler } from './careless.ts'

export interface Nasty {
  fields: string[]
  body: string
  careless: 'intact' | 'broken' | 'refused'
  /** The code that the gateway refuses it with. */
  door?: string
  /** What breaks it behind Postfix. */
  dies?: Mangler
}

const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
const lines = (...each: string[]) => each.join('\r\n')
const TEXT = 'Content-Type: text/plain; charset=utf-8'
const EIGHT = 'Content-Transfer-Encoding: 8bit'
const QUOTED = 'Content-Transfer-Encoding: quoted-printable'
const NESTED = 'Content-Type: message/rfc822'
const MIXED = 'Content-Type: multipart/mixed; boundary=b'
const BINARY = Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7) % 256))
const WIDE = Buffer.from('﻿Grüße\nzwei\n', 'utf16le').toString('latin1')
const IDS = Array.from({ length: 40 }, (_, at) => `<message-${at}-of-it@example.com>`).join(' ')
const SIGNED = lines(
  'Subject: Signed',
  'Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"',
  '',
  '--s',
  '',
  'signed',
  '--s',
  'Content-Type: application/pgp-signature',
  '',
  'AAAA',
  '--s--',
  '',
)

export const NASTY: Record<string, Nasty> = {
  'bare LF': { fields: [TEXT], body: 'one\ntwo\nthree\n', careless: 'broken' },
  'bare LF in quoted-printable': {
    fields: [TEXT, QUOTED],
    body: '=C3=BC=\nx\ny\n',
    careless: 'broken',
  },
  'blanks at line ends': {
    fields: [TEXT],
    body: lines('a ', 'b \t', '-- ', 'Ada'),
    careless: 'intact',
    dies: 'blanks stripped',
  },
  'format=flowed': {
    fields: [`${TEXT}; format=flowed`],
    body: lines('flows ', 'on', '> quoted ', '> on'),
    careless: 'intact',
    dies: 'blanks stripped',
  },
  '8-bit UTF-8': { fields: [TEXT, EIGHT], body: utf8('Schöne Grüße an alle'), careless: 'broken' },
  '8-bit Latin-1': {
    fields: ['Content-Type: text/plain; charset=iso-8859-1', EIGHT],
    body: 'Sch\xf6ne Gr\xfc\xdfe',
    careless: 'broken',
  },
  'mostly other letters': {
    fields: [TEXT, EIGHT],
    body: utf8('日本語のメール'),
    careless: 'broken',
  },
  'UTF-16': {
    fields: ['Content-Type: text/plain; charset=utf-16'],
    body: WIDE,
    careless: 'refused',
    door: 'raw.nul',
  },
  'binary octets': {
    fields: ['Content-Type: image/x', 'Content-Transfer-Encoding: binary'],
    body: BINARY.toString('latin1'),
    careless: 'broken',
    door: 'raw.nul',
  },
  'a line of 3000 octets': {
    fields: [TEXT],
    body: 'word '.repeat(600),
    careless: 'broken',
    door: 'raw.line_too_long',
  },
  'a word of 3000 octets': {
    fields: [TEXT],
    body: 'w'.repeat(3000),
    careless: 'broken',
    door: 'raw.line_too_long',
  },
  'lines of 998 octets': { fields: [TEXT], body: lines('x'.repeat(998), 'y'), careless: 'intact' },
  'a long line of quoted-printable': {
    fields: [TEXT, QUOTED],
    body: `=C3=BC${'q'.repeat(1500)}=\r\nend`,
    careless: 'broken',
    door: 'raw.line_too_long',
  },
  'a long line of base64': {
    fields: ['Content-Type: image/x', 'Content-Transfer-Encoding: base64'],
    body: BINARY.toString('base64'),
    careless: 'broken',
    door: 'raw.line_too_long',
  },
  '"From " at line starts': {
    fields: [TEXT],
    body: lines('From here', '>From there', 'From'),
    careless: 'intact',
    dies: '"From " quoted',
  },
  'dots at line starts': {
    fields: [TEXT],
    body: lines('.', '..', '.x', '', '.'),
    careless: 'intact',
    dies: 'dots taken off',
  },
  'dashes at line starts': {
    fields: [TEXT],
    body: lines('-', '- a', '--', '--x'),
    careless: 'intact',
    dies: 'dashes escaped',
  },
  'a lone CR': {
    fields: [TEXT],
    body: lines('over\rwrite', 'next'),
    careless: 'broken',
    door: 'raw.bare_cr',
  },
  'no line end at the end': { fields: [TEXT], body: 'The end.', careless: 'intact' },
  'no body': { fields: [TEXT], body: '', careless: 'intact' },
  'blank lines at the end': { fields: [TEXT], body: 'x\r\n\r\n\r\n', careless: 'intact' },
  'a message within': {
    fields: [NESTED],
    body: lines('Subject: Inner', TEXT, '', 'text ', '-- ', 'Ada'),
    careless: 'intact',
    dies: 'blanks stripped',
  },
  'an 8-bit message within': {
    fields: [NESTED, EIGHT],
    body: lines(utf8('Subject: Grüße'), TEXT, EIGHT, '', utf8('Schöne Grüße')),
    careless: 'refused',
  },
  'a signed message within': { fields: [NESTED], body: SIGNED, careless: 'intact' },
  'a digest': {
    fields: ['Content-Type: multipart/digest; boundary=b'],
    body: lines('--b', '', 'Subject: one', '', 'text ', '--b', '', 'Subject: two', '', '', '--b--'),
    careless: 'intact',
    dies: 'blanks stripped',
  },
  'a field of 1500 octets': {
    fields: [`References: ${IDS}`, TEXT],
    body: 'x',
    careless: 'broken',
    door: 'raw.line_too_long',
  },
  'a field of 1500 octets in a part': {
    fields: [MIXED],
    body: lines('--b', `Content-Description: ${'word '.repeat(300)}x`, '', 'x', '--b--', ''),
    careless: 'broken',
    door: 'raw.line_too_long',
  },
  'a fold of blanks': {
    fields: ['X-Note: one', ' \t', ' two', TEXT],
    body: 'x',
    careless: 'intact',
    door: 'raw.malformed_header',
  },
  'raw UTF-8 in the header': {
    fields: [utf8('X-Note: Grüße'), TEXT],
    body: 'x',
    careless: 'refused',
  },
  'raw UTF-8 in a file name': {
    fields: [MIXED],
    body: lines(
      '--b',
      utf8('Content-Disposition: attachment; filename="Übersicht.txt"'),
      '',
      'x',
      '--b--',
    ),
    careless: 'refused',
  },
  'boundaries that begin alike': {
    fields: ['Content-Type: multipart/mixed; boundary=ab'],
    body: lines(
      '--ab',
      'Content-Type: multipart/alternative; boundary=abc',
      '',
      '--abc',
      `${TEXT}; x=1`,
      EIGHT,
      '',
      utf8('Grüße'),
      '--abc--',
      '--ab--',
      '',
    ),
    careless: 'broken',
  },
}
