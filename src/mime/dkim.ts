/**
 * DKIM signatures (RFC 6376) over a header and a body hash that was taken while the body streamed by, relaxed/relaxed.
 * Own code, because nodemailer's signer reads whole messages, signs with RSA only and can't oversign.
 */

import { createHash, sign } from 'node:crypto'
import { type DkimAlgorithm, DkimKeyError, privateKeyOf } from './dkim-key.ts'
import { dateField, type Field, makeField, parseHeader, unfold, writeHeader } from './header.ts'

export interface DkimSigningKey {
  /** The `d=` value, A-labels. */
  domain: string
  selector: string
  algorithm: DkimAlgorithm
  /** PEM private key. */
  pem: string
}

export interface DkimOptions {
  /** The `t=` value, milliseconds. */
  time: number
}

/** RFC 6376 section 5.4.1, and what RFC 8058 section 4 asks for one-click unsubscribe. */
const SIGNED = new Set(
  'from sender reply-to to cc subject date message-id in-reply-to references mime-version content-type content-transfer-encoding content-id content-description auto-submitted list-id list-help list-unsubscribe list-unsubscribe-post list-subscribe list-post list-owner list-archive feedback-id autocrypt'.split(
    ' ',
  ),
)
/** Named once more than they are there, so that nobody can add another under the signature (section 8.15). */
const OVERSIGNED = new Set(
  'from to cc subject date reply-to message-id mime-version content-type list-unsubscribe list-unsubscribe-post'.split(
    ' ',
  ),
)

const TAG_VALUE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/

/**
 * Puts one DKIM-Signature for each key on top of the header. Signatures that are there already stay: see `stripDkim`.
 * From is always oversigned; the others of the list where they are there.
 * @param header the header section with its closing empty line
 * @param bodyHash what `BodyHasher.digest()` gave for the body
 * @throws DkimKeyError, HeaderError
 */
export async function signHeader(
  header: Uint8Array,
  bodyHash: string,
  keys: readonly DkimSigningKey[],
  options: DkimOptions,
): Promise<Uint8Array> {
  const fields = parseHeader(header)
  const names = signedNames(fields)
  const signed = selectFields(fields, names).map((field) => `${relaxed(field)}\r\n`)
  const signatures = keys.map((key) => signature(key, bodyHash, names, signed.join(''), options))
  return writeHeader([...signatures, ...fields])
}

/** Takes every DKIM-Signature out, for a header that is to be signed anew. */
export function stripDkim(header: Uint8Array): Uint8Array {
  return writeHeader(parseHeader(header).filter((field) => field.key !== 'dkim-signature'))
}

/** The header with another Date; signatures over the old one no longer hold. */
export function redateHeader(header: Uint8Array, dateMs: number): Uint8Array {
  const date = dateField(dateMs)
  const fields = parseHeader(header)
  return writeHeader(
    fields.some((field) => field.key === 'date')
      ? fields.map((field) => (field.key === 'date' ? date : field))
      : [date, ...fields],
  )
}

function signature(
  key: DkimSigningKey,
  bodyHash: string,
  names: readonly string[],
  signed: string,
  options: DkimOptions,
): Field {
  if (!TAG_VALUE.test(key.domain) || !TAG_VALUE.test(key.selector)) {
    throw new DkimKeyError('domain or selector of the key is not made of letters, digits, - and .')
  }
  const tags = [
    'v=1',
    `a=${key.algorithm}`,
    'c=relaxed/relaxed',
    `d=${key.domain}`,
    `s=${key.selector}`,
    `t=${Math.floor(options.time / 1000)}`,
    `h=${foldable(names)}`,
    `bh=${bodyHash}`,
    'b=',
  ]
  const bare = makeField('DKIM-Signature', tags.join('; '))
  const data = Buffer.from(signed + relaxed(bare), 'latin1')
  const value = signOctets(key, data).toString('base64')
  const lines = value.match(/.{1,72}/g) ?? []
  return { ...bare, raw: `${bare.raw}\r\n ${lines.join('\r\n ')}` }
}

/** Section 3.5 lets blanks follow a colon: one after every few names gives folding a place. */
function foldable(names: readonly string[]): string {
  return names.map((name, index) => (index > 0 && index % 5 === 0 ? ` ${name}` : name)).join(':')
}

/** RFC 8463 section 3: Ed25519 signs the SHA-256 of the data, RSA hashes by itself. */
function signOctets(key: DkimSigningKey, data: Buffer): Buffer {
  const privateKey = privateKeyOf(key.pem, key.algorithm)
  return key.algorithm === 'rsa-sha256'
    ? sign('sha256', data, privateKey)
    : sign(null, createHash('sha256').update(data).digest(), privateKey)
}

function signedNames(fields: readonly Field[]): string[] {
  const names: string[] = []
  for (const key of SIGNED) {
    const count = fields.filter((field) => field.key === key).length
    const extra = OVERSIGNED.has(key) && (count > 0 || key === 'from') ? 1 : 0
    for (let i = 0; i < count + extra; i++) names.push(key)
  }
  return names
}

/** Section 5.4.2: of several fields with one name the last is taken first. A name without a field stands for nothing. */
function selectFields(fields: readonly Field[], names: readonly string[]): Field[] {
  const left = Map.groupBy(fields, (field) => field.key)
  return names.flatMap((name) => left.get(name)?.pop() ?? [])
}

/** Relaxed header canonicalisation (section 3.4.2) without the final CRLF. */
function relaxed(field: Field): string {
  return `${field.key}:${unfold(field).replace(/[ \t]+/g, ' ')}`
}
