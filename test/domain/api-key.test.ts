import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { equalHashes, hashKey, keyIdOf, newKeyText } from '../../src/domain/api-key.ts'
import { newId } from '../../src/domain/id.ts'

describe('an API key', () => {
  it('names its row, differs each time and can be recognised by a scanner', () => {
    const id = newId('key', 1_764_000_000_000)
    const [one, other] = [newKeyText(id), newKeyText(id)]
    expect(one).toMatch(/^pst_[0-9a-hjkmnp-tv-z]{26}_[0-9a-hjkmnp-tv-z]{39}$/)
    expect(one).not.toBe(other)
    expect(keyIdOf(one)).toBe(id)
  })

  it('is no key any more when one character changed', () => {
    const text = newKeyText(newId('key', 1_764_000_000_000))
    for (let i = 4; i < text.length; i++) {
      if (text[i] === '_') continue
      const altered = text.slice(0, i) + (text[i] === 'x' ? 'y' : 'x') + text.slice(i + 1)
      expect(keyIdOf(altered), altered).toBeUndefined()
    }
  })

  it('may be a fixed text without a secret', () => {
    expect(keyIdOf('pst_local')).toBe('key_local')
    expect(keyIdOf(newKeyText('key_local'))).toBe('key_local')
  })

  it.each([
    '',
    'pst_',
    'pst__',
    'local',
    'pst_a_b_c',
    'PST_local',
    'pst_local\n',
    `pst_${'a'.repeat(99)}`,
  ])('is not %j', (text) => expect(keyIdOf(text)).toBeUndefined())

  it('is stored as the SHA-256 of the whole text', async () => {
    const expected = createHash('sha256').update('pst_local').digest('hex')
    expect(await hashKey('pst_local')).toBe(expected)
    expect(equalHashes(expected, await hashKey('pst_local'))).toBe(true)
    expect(equalHashes(expected, await hashKey('pst_locaL'))).toBe(false)
    expect(equalHashes(expected, '')).toBe(false)
    expect(equalHashes('', expected)).toBe(false)
  })
})
