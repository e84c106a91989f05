/** Encoded-words (RFC 2047): text in a header that is not plain US-ASCII. */

import { encodeWord } from 'nodemailer/lib/mime-funcs'
import { FOLD_AT, LINE_LIMIT } from './header.ts'

/** Octets of one encoded-word; 75 is the limit, folding needs room for the field name. */
const WORD_OCTETS = 52
const ENCODED_WORD = /=\?([^\s()<>@,;:"/[\]?.=*]+)(?:\*[^?]*)?\?([BbQq])\?([^?\s]*)\?=/g

/**
 * Unstructured text as header octets: plain where every reader shows it as it is, else encoded-words.
 * Plain text that only looks like an encoded-word, holds blanks that folding would move, or is too long for a line is encoded too.
 */
export function encodeText(text: string): string {
  const value = text.trim()
  const plain =
    /^[\x20-\x7e]*$/.test(value) &&
    !value.includes('=?') &&
    !/ {2}/.test(value) &&
    !value.split(' ').some((word) => word.length > LINE_LIMIT - FOLD_AT)
  return plain ? value : encodeWord(value, denseInAscii(value) ? 'Q' : 'B', WORD_OCTETS)
}

/** Decodes the encoded-words in a value; what can't be decoded stays as it is. */
export function decodeText(value: string): string {
  return value
    .replace(/(=\?[^\s?]+\?[BbQq]\?[^?\s]*\?=)[ \t]+(?==\?[^\s?]+\?[BbQq]\?[^?\s]*\?=)/g, '$1')
    .replace(ENCODED_WORD, (word, charset: string, encoding: string, text: string) => {
      const octets =
        encoding.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : quotedOctets(text)
      try {
        return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(octets)
      } catch {
        return word
      }
    })
}

function quotedOctets(text: string): Uint8Array {
  const binary = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(binary, 'latin1')
}

function denseInAscii(text: string): boolean {
  const letters = text.match(/[A-Za-z0-9 ]/g)?.length ?? 0
  return letters * 2 > text.length
}
