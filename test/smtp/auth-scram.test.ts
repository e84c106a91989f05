import { describe, expect, it } from 'vitest'
import { scramExchange } from '../../src/smtp/auth-scram.ts'

describe('the examples of the RFCs', () => {
  it.each([
    [
      'sha1' as const, // RFC 5802 §5
      'fyko+d2lbbFgONRv9qkxdawL',
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    ],
    [
      'sha256' as const, // RFC 7677 §3
      'rOprNGfwEbeRWgbNEkqO',
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    ],
  ])('%s', (hash, nonce, serverFirst, clientFinal, serverFinal) => {
    const exchange = scramExchange(hash, 'user', 'pencil', nonce)
    expect(exchange.initial).toBe(`n,,n=user,r=${nonce}`)
    expect(exchange.respond(serverFirst)).toBe(clientFinal)
    expect(exchange.isProven?.()).toBe(false)
    expect(exchange.respond(serverFinal)).toBe('')
    expect(exchange.isProven?.()).toBe(true)
    expect(exchange.respond(serverFinal)).toEqual({ cancel: 'auth_challenge' })
  })
})
