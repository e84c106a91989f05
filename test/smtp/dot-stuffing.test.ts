import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DotStuffer } from '../../src/smtp/dot-stuffing.ts'

const octets = (text: string) => Buffer.from(text, 'latin1')

/** Everything up to the end, the held-back end apart. */
function stuff(chunks: Uint8Array[]): { early: Buffer; wire: Buffer } {
  const stuffer = new DotStuffer()
  const early = Buffer.concat(chunks.flatMap((chunk) => stuffer.push(chunk)))
  return { early, wire: Buffer.concat([early, stuffer.end()]) }
}

/** What a strict server makes of it: lines up to the first lone dot. */
function unstuff(wire: Buffer): string {
  const lines = wire.toString('latin1').split('\r\n')
  const end = lines.indexOf('.')
  expect(end).toBe(lines.length - 2)
  return lines
    .slice(0, end)
    .map((line) => `${line.startsWith('.') ? line.slice(1) : line}\r\n`)
    .join('')
}

function cut(text: string, cuts: number[]): Uint8Array[] {
  const bounds = [0, ...cuts.map((at) => at % (text.length + 1)).sort((a, b) => a - b), text.length]
  return bounds.slice(1).map((to, i) => octets(text).subarray(bounds[i], to))
}

describe('dot-stuffing', () => {
  it.each([
    ['', '.\r\n'],
    ['a', 'a\r\n.\r\n'],
    ['a\r\n', 'a\r\n.\r\n'],
    ['.\r\n', '..\r\n.\r\n'],
    ['a\r\n.b\r\n..\r\n', 'a\r\n..b\r\n...\r\n.\r\n'],
    ['\r\n', '\r\n.\r\n'],
    ['\r\n\r\n', '\r\n\r\n.\r\n'],
    ['a.b\r\n', 'a.b\r\n.\r\n'],
    // What smuggles a second message past a lax server is made plain content.
    ['a\n.\nMAIL FROM:<x>', 'a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n'],
    ['a\r.\rb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\n.\r\nb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r\n.\nb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r\r\n.\r\n', 'a\r\n\r\n..\r\n.\r\n'],
  ])('sends %j as %j', (content, wire) => {
    expect(stuff([octets(content)]).wire.toString('latin1')).toBe(wire)
    expect(stuff([...octets(content)].map((o) => Uint8Array.of(o))).wire.toString('latin1')).toBe(
      wire,
    )
  })

  const soup = fc
    .array(fc.constantFrom('\r', '\n', '\r\n', '.', '..', 'a', ' ', '\xff', '\0', '\r\n.\r\n'), {
      maxLength: 40,
    })
    .map((parts) => parts.join(''))
  const cuts = fc.array(fc.nat(), { maxLength: 6 })

  it('gives back exactly what was sent, however it is cut', () => {
    const lines = fc.array(fc.stringMatching(/^[.a\xe9 ]{0,6}$/), { maxLength: 12 })
    fc.assert(
      fc.property(lines, cuts, (list, where) => {
        const content = list.map((line) => `${line}\r\n`).join('')
        expect(unstuff(stuff(cut(content, where)).wire)).toBe(content)
      }),
      { numRuns: 2000 },
    )
  })

  it('lets no bare CR or LF and no early end through', () => {
    fc.assert(
      fc.property(soup, cuts, (content, where) => {
        const { early, wire } = stuff(cut(content, where))
        expect(wire.toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
        expect(`\r\n${early.toString('latin1')}`).not.toContain('\r\n.\r\n')
        const normal = content.replace(/\r\n|\r|\n/g, '\r\n')
        const ended = normal === '' || normal.endsWith('\r\n') ? normal : `${normal}\r\n`
        expect(unstuff(wire)).toBe(ended)
      }),
      { numRuns: 3000 },
    )
  })

  it('passes clean stretches on without copying', () => {
    const chunk = octets('line\r\n'.repeat(100))
    const [piece] = new DotStuffer().push(chunk)
    expect(piece?.buffer).toBe(chunk.buffer)
    expect(piece?.length).toBe(chunk.length - 2)
  })
})
