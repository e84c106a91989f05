import { describe, expect, it } from 'vitest'
import { openCredential, sealCredential } from '../../src/app/relay-credential.ts'
import type { OAuthClient } from '../../src/domain/relay.ts'
import { SealError, sealAad } from '../../src/domain/seal.ts'
import { createSealer } from '../../src/storage/sealer.ts'

const key = (octet: number) => new Uint8Array(32).fill(octet)

describe('a seal', () => {
  it('opens to what was sealed and hides it', async () => {
    const sealer = createSealer(key(1))
    const sealed = await sealer.seal('pässword\u0000', 'here')
    expect(sealed).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/)
    expect(sealed).not.toBe(await sealer.seal('pässword\u0000', 'here'))
    expect(await sealer.open(sealed, 'here')).toBe('pässword\u0000')
  })

  it('does not open elsewhere, altered, or in another form', async () => {
    const sealer = createSealer(key(1))
    const sealed = await sealer.seal('password', 'here')
    await expect(sealer.open(sealed, 'there')).rejects.toThrow(SealError)
    for (let i = 0; i < sealed.length - 1; i++) {
      const altered = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
      await expect(sealer.open(altered, 'here'), `octet ${i}`).rejects.toThrow(SealError)
    }
    for (const text of ['', 'password', 'v1.x', `${sealed}.x`, 'v1..', sealed.slice(0, 30)]) {
      await expect(sealer.open(text, 'here'), text).rejects.toThrow(SealError)
    }
  })

  it('opens under an earlier master key, and under no other', async () => {
    const sealed = await createSealer(key(1)).seal('password', 'here')
    const rotated = createSealer(key(2), [key(3), key(1)])
    expect(await rotated.open(sealed, 'here')).toBe('password')
    const anew = await rotated.seal('password', 'here')
    expect(await createSealer(key(2)).open(anew, 'here')).toBe('password')
    await expect(createSealer(key(2)).open(sealed, 'here')).rejects.toThrow(SealError)
  })

  it('refuses a master key of another length', async () => {
    const short = createSealer(new Uint8Array(16))
    await expect(short.seal('password', 'here')).rejects.toThrow(SealError)
  })

  it('is bound to its row without a way to write one that reads as another', () => {
    expect(sealAad('relays', 'a","b', 'c')).not.toBe(sealAad('relays', 'a', 'b","c'))
  })

  it('of a relay opens only for the same relay and host', async () => {
    const sealer = createSealer(key(1))
    const credential = { user: 'ada', password: 'secret' }
    const relay = { id: 'primary', host: 'smtp.example.com', oauth: null }
    const sealed_credential = await sealCredential(sealer, relay, credential)
    expect(await openCredential(sealer, { ...relay, sealed_credential })).toEqual(credential)
    for (const moved of [{ id: 'other' }, { host: 'smtp.example.net' }]) {
      const there = openCredential(sealer, { ...relay, ...moved, sealed_credential })
      await expect(there).rejects.toThrow(SealError)
    }
    expect(await openCredential(sealer, { ...relay, sealed_credential: null })).toBeNull()
  })

  it('of OAuth opens only for the same token URL too', async () => {
    const sealer = createSealer(key(1))
    const credential = { user: 'ada', client_secret: 'secret', refresh_token: null }
    const oauth: OAuthClient = {
      token_url: 'https://login.example.com/token',
      client_id: 'gateway',
      scope: null,
      grant: 'client_credentials',
    }
    const relay = { id: 'primary', host: 'smtp.example.com', oauth }
    const sealed_credential = await sealCredential(sealer, relay, credential)
    expect(await openCredential(sealer, { ...relay, sealed_credential })).toEqual(credential)
    const moved = { ...oauth, token_url: 'https://evil.example.net/token' }
    for (const elsewhere of [{ oauth: moved }, { oauth: null }, { host: 'smtp.example.net' }]) {
      const there = openCredential(sealer, { ...relay, ...elsewhere, sealed_credential })
      await expect(there).rejects.toThrow(SealError)
    }
  })
})
