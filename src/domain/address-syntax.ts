/** The token and mailbox grammar of RFC 5322 section 3.4, without what only obsolete mail used (routes, spaces inside an addr-spec). */

import { AddressError } from './address-error.ts'

export interface Word {
  /** Decoded: without quotes and escapes. */
  text: string
  quoted: boolean
}

/** A mailbox as written, before its parts are checked. */
export interface Mention {
  words: Word[]
  local: string
  domain: string
}

export interface Allowed {
  comments: boolean
  groups: boolean
  several: boolean
}

interface Token {
  kind: 'atom' | 'quoted' | 'special' | 'end'
  /** As written. */
  raw: string
  text: string
  spaced: boolean
}

const END: Token = { kind: 'end', raw: '', text: '', spaced: false }
const ATOM_END = /[ \t"()<>[\]:;@\\,]/g

/** Splits a list of mailboxes. Every octet of the input is accounted for: what the grammar has no place for is refused. */
export function readMentions(input: string, allowed: Allowed): Mention[] {
  const tokens = tokenize(input, allowed.comments)
  const mentions: Mention[] = []
  let at = 0
  let inGroup = false
  const peek = () => tokens[at] ?? END
  const is = (special: string) => peek().kind === 'special' && peek().raw === special

  while (peek() !== END) {
    if (is(',')) {
      if (!allowed.several) throw several()
      at++
      continue
    }
    if (is(';') && inGroup) {
      inGroup = false
      at++
      if (peek() !== END && !is(',')) throw malformed()
      continue
    }
    const words: Token[] = []
    while (peek().kind === 'atom' || peek().kind === 'quoted') words.push(tokens[at++] ?? END)
    if (is(':')) {
      if (!allowed.groups) {
        throw new AddressError('group', 'a group of mailboxes is not taken; name each mailbox')
      }
      if (inGroup || words.length === 0) throw malformed()
      inGroup = true
      at++
      continue
    }
    if (is('<')) {
      at++
      const local = peek()
      at++
      mentions.push({
        words: words.map(({ text, kind }) => ({ text, quoted: kind === 'quoted' })),
        ...addrSpec(local, tokens.slice(at, at + 3), '>'),
      })
      at += 3
    } else {
      const [local, more] = words
      if ((is(',') || is(';')) && !allowed.several) throw several()
      if (!local || more) {
        if (peek() === END || more) throw noAddress()
        throw malformed()
      }
      mentions.push({ words: [], ...addrSpec(local, tokens.slice(at, at + 2)) })
      at += 2
    }
    if (peek() === END || (inGroup && is(';')) || is(',')) continue
    if (is(';')) throw several()
    throw malformed()
  }
  if (inGroup) throw malformed()
  return mentions
}

function addrSpec(local: Token, rest: Token[], close?: '>'): { local: string; domain: string } {
  const [sign, domain, closing] = rest
  if (local.kind !== 'atom' && local.kind !== 'quoted') throw noAddress()
  if (sign?.raw !== '@' || sign.kind !== 'special') throw noAddress()
  if (domain?.kind === 'special' && domain.raw === '[') {
    throw new AddressError('address_literal', 'an IP address in place of the domain is not taken')
  }
  if (domain?.kind !== 'atom') throw noAddress()
  if (sign.spaced || domain.spaced) {
    throw new AddressError('malformed', 'there is a space inside the address')
  }
  if (close && (closing?.kind !== 'special' || closing.raw !== close)) throw malformed()
  return { local: local.raw, domain: domain.raw }
}

function tokenize(input: string, comments: boolean): Token[] {
  const tokens: Token[] = []
  let at = 0
  let spaced = false
  while (at < input.length) {
    const char = input.charAt(at)
    if (char === ' ' || char === '\t') {
      spaced = true
      at++
    } else if (char === '(') {
      if (!comments) {
        throw new AddressError('comment', 'comments in parentheses are not taken')
      }
      at = commentEnd(input, at)
      spaced = true
    } else if (char === '"') {
      const end = quotedEnd(input, at)
      const raw = input.slice(at, end)
      const text = raw.slice(1, -1).replace(/\\(.)/gsu, '$1')
      tokens.push({ kind: 'quoted', raw, text, spaced })
      spaced = false
      at = end
    } else {
      ATOM_END.lastIndex = at
      const end = ATOM_END.exec(input)?.index ?? input.length
      const kind = end > at ? 'atom' : 'special'
      const raw = input.slice(at, Math.max(end, at + 1))
      tokens.push({ kind, raw, text: raw, spaced })
      spaced = false
      at += raw.length
    }
  }
  return tokens
}

function quotedEnd(input: string, start: number): number {
  for (let at = start + 1; at < input.length; at++) {
    if (input.charAt(at) === '\\') at++
    else if (input.charAt(at) === '"') return at + 1
  }
  throw new AddressError('malformed', 'a quotation mark is not closed')
}

function commentEnd(input: string, start: number): number {
  let depth = 0
  for (let at = start; at < input.length; at++) {
    const char = input.charAt(at)
    if (char === '\\') at++
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return at + 1
  }
  throw new AddressError('malformed', 'a parenthesis is not closed')
}

function several(): AddressError {
  return new AddressError(
    'several',
    'one string is one mailbox: give several as an array, and put a name that has a comma in quotation marks',
  )
}

function noAddress(): AddressError {
  return new AddressError(
    'malformed',
    'this is not a mailbox: write ada@example.com or Ada <ada@example.com>',
  )
}

function malformed(): AddressError {
  return new AddressError(
    'malformed',
    'this is not a mailbox: a name with other characters than letters belongs in quotation marks',
  )
}
