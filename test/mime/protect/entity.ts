/** Messages for the tests of protection, the entity that comes of one, and what has to be true of every such entity. */

import { expect } from 'vitest'
import type { ProtectOperation } from '../../../src/domain/protected-entity.ts'
import { writeHeader } from '../../../src/mime/header.ts'
import { type ProtectableOptions, protectable } from '../../../src/mime/protect/protectable.ts'
import { collect } from '../submission.ts'

/** A message as octets; strings are binary, one character an octet, except where `utf8` made them. */
export function octets(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

/** UTF-8 as a binary string. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

export function source(message: Buffer, chunk = message.length) {
  const at = message.indexOf('\r\n\r\n')
  const body = at < 0 ? Buffer.alloc(0) : message.subarray(at + 4)
  return {
    header: at < 0 ? message : message.subarray(0, at + 4),
    open: () => cut(body, Math.max(1, chunk)),
  }
}

async function* cut(body: Buffer, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

export interface Entity {
  /** Header fields of the root, unfolded: name and value. */
  header: string
  body: string
  whole: Buffer
  outer: string
}

/** What a message becomes; every octet of it is looked at. */
export async function entityOf(
  message: Buffer,
  options: Partial<ProtectableOptions> & { chunk?: number } = {},
): Promise<Entity> {
  const operation: ProtectOperation = options.operation ?? 'sign'
  const made = protectable(source(message, options.chunk), { ...options, operation })
  const whole = await collect(made.payload.open())
  expectCanonical(whole)
  const text = whole.toString('latin1')
  const at = text.indexOf('\r\n\r\n')
  return {
    header: text.slice(0, at + 2).replace(/\r\n[ \t]/g, ' '),
    body: text.slice(at + 4),
    whole,
    outer: Buffer.from(writeHeader(made.outer))
      .toString('latin1')
      .replace(/\r\n(?=[ \t])/g, ''),
  }
}

export function expectCanonical(entity: Buffer): void {
  const text = entity.toString('latin1')
  expect(text.endsWith('\r\n')).toBe(true)
  const wrong = text
    .slice(0, -2)
    .split('\r\n')
    .filter(
      (line) =>
        line.length > 998 ||
        /[^\x01-\x7f]|[\r\n]/.test(line) ||
        /[ \t]$/.test(line) ||
        /^(?:From |\.|-(?!-))/.test(line),
    )
  expect(wrong).toEqual([])
}

export const HEADER = [
  'From: Ada <ada@example.com>',
  'To: Bob <bob@example.net>',
  'Subject: Dinner',
  'Date: Tue, 01 Dec 2026 10:00:00 +0100',
  'Message-ID: <m1@example.com>',
  'MIME-Version: 1.0',
]

export function message(fields: string[], ...body: string[]): Buffer {
  return octets(...HEADER, ...fields, '', ...body)
}
