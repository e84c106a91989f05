import { describe, expect, test } from 'vitest'
import { CHUNK_OCTETS, storeBody } from '../../src/app/submission-body.ts'
import type { Claim, OutboxRpc } from '../../src/ports/outbox.ts'

interface Staged {
  index: number
  octets: number
  claim: Claim | undefined
}

function target(answer: 'staged' | 'full' = 'staged') {
  const staged: Staged[] = []
  const parts: Uint8Array[] = []
  const claim: Claim = { scope: 's', key: 'k', hash: 'h' }
  const stage: OutboxRpc['stage'] = async (_name, index, chunk, held) => {
    staged.push({ index, octets: chunk.length, claim: held })
    parts.push(chunk)
    return answer
  }
  return {
    staged,
    parts,
    claim,
    to: { outbox: { stage } as OutboxRpc, name: 'n', inline: CHUNK_OCTETS, claim },
  }
}

async function* cut(body: Uint8Array, size: number) {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

const octets = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251)

describe('a body', () => {
  test.each([0, 1, CHUNK_OCTETS - 1, CHUNK_OCTETS])('of %i octets stays inline', async (size) => {
    const { staged, to } = target()
    const stored = await storeBody(cut(octets(size), 70_000), to)
    expect(staged).toEqual([])
    expect(stored.octets).toBe(size)
    expect('inline' in stored.body && Buffer.compare(stored.body.inline, octets(size))).toBe(0)
  })

  test.each([
    [CHUNK_OCTETS + 1, 70_000],
    [2 * CHUNK_OCTETS, CHUNK_OCTETS],
    [2 * CHUNK_OCTETS + 5, 3 * CHUNK_OCTETS],
  ])('of %i octets in pieces of %i is staged in full chunks, in order', async (size, piece) => {
    const { staged, parts, claim, to } = target()
    const body = octets(size)
    const stored = await storeBody(cut(body, piece), to)
    expect(stored).toEqual({ body: { staged: 'n' }, octets: size })
    expect(staged.map(({ index }) => index)).toEqual(staged.map((_, i) => i))
    expect(staged.slice(0, -1).every((one) => one.octets === CHUNK_OCTETS)).toBe(true)
    expect(staged.map((one) => one.claim)).toEqual(staged.map((_, i) => (i ? undefined : claim)))
    expect(Buffer.compare(Buffer.concat(parts), body)).toBe(0)
  })

  test('that may not ride along is staged, however small', async () => {
    const { staged, to } = target()
    const stored = await storeBody(cut(octets(11), 4), { ...to, inline: 10 })
    expect(stored).toEqual({ body: { staged: 'n' }, octets: 11 })
    expect(staged).toMatchObject([{ index: 0, octets: 11 }])
  })

  test('that finds the outbox full is refused', async () => {
    const { to } = target('full')
    await expect(storeBody(cut(octets(3 * CHUNK_OCTETS), 70_000), to)).rejects.toMatchObject({
      code: 'storage.full',
    })
  })

  test('that breaks off after a failed chunk rejects with its own error, and nothing stays unhandled', async () => {
    const failing = { stage: () => Promise.reject(new Error('reset')) } as unknown as OutboxRpc
    async function* broken() {
      yield octets(CHUNK_OCTETS + 1)
      throw new Error('the client went away')
    }
    const stored = storeBody(broken(), {
      outbox: failing,
      name: 'n',
      inline: CHUNK_OCTETS,
      claim: null,
    })
    await expect(stored).rejects.toThrow('the client went away')
  })
})
