/** How the kit reads what a provider wrote. */

import assert from 'node:assert/strict'
import type { Person } from './fixture.ts'

const MOST = 998

export function expectLines(body: Buffer, what: string): void {
  assert.ok(body.length > 0, `${what}: the body is empty`)
  assert.ok(body.subarray(-2).equals(Buffer.from('\r\n')), `${what}: no CRLF at the end`)
  const text = body.toString('latin1')
  assert.ok(!/[^\t\r\n\x20-\x7e]/.test(text), `${what}: an octet that is no 7-bit text`)
  assert.ok(!/\r(?!\n)|(?<!\r)\n/.test(text), `${what}: a bare CR or LF`)
  const longest = Math.max(...text.split('\r\n').map((line) => line.length))
  assert.ok(longest <= MOST, `${what}: a line of ${longest} octets`)
}

/** Whether the octets are in the body, in clear or in what its base64 decodes to. */
export function appearsIn(body: Buffer, octets: Uint8Array): boolean {
  return [body, ...decoded(body)].some((text) => text.includes(Buffer.from(octets)))
}

export function betrays(body: Buffer, { address, traces = [] }: Person): boolean {
  return [Buffer.from(address), ...traces].some((trace) => appearsIn(body, trace))
}

/** Every block of base64 lines; the checksum of OpenPGP's armour isn't one. */
function decoded(body: Buffer): Buffer[] {
  const blocks: string[] = ['']
  for (const line of body.toString('latin1').split('\r\n')) {
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(line)) blocks.push((blocks.pop() ?? '') + line)
    else blocks.push('')
  }
  return blocks.filter((block) => block !== '').map((block) => Buffer.from(block, 'base64'))
}
