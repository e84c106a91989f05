import { describe, expect, test } from 'vitest'
import { readOutsideUrl } from '../../src/domain/outside-url.ts'

describe('a URL outside', () => {
  test.each([
    ['https://login.example.com/oauth2/token?tenant=a', undefined],
    ['HTTPS://Login.Example.com/t', 'https://login.example.com/t'],
    ['https://login.example.com:443/t', 'https://login.example.com/t'],
  ])('%s', (input, url = input) => {
    expect(readOutsideUrl(input, 'public')).toEqual({ url })
  })

  test.each([
    ['http://login.example.com/token'],
    ['login.example.com'],
    [''],
    ['https://'],
    ['javascript:alert(1)'],
    ['https://user:pass@login.example.com/token'],
    ['https://login.example.com/token#part'],
    ['https://login.example.com:8443/token'],
    ['https://127.0.0.1/token'],
    ['https://2130706433/token'],
    ['https://0x7f.1/token'],
    ['https://[::1]/token'],
    ['https://169.254.169.254/latest'],
    ['https://localhost/token'],
    ['https://localhost./token'],
    ['https://metadata.internal/token'],
    ['https://intranet/token'],
  ])('%s is refused', (input) => {
    expect(readOutsideUrl(input, 'public')).toMatchObject({ problem: expect.any(String) })
  })

  test('names of the local network and other ports where private relays are allowed', () => {
    expect(readOutsideUrl('https://localhost:8443/t', 'private')).toEqual({
      url: 'https://localhost:8443/t',
    })
    expect(readOutsideUrl('https://127.0.0.1:8443/t', 'private')).toMatchObject({
      problem: expect.stringContaining('IP address'),
    })
    expect(readOutsideUrl('https://login.example.com/t', 'loopback')).toMatchObject({
      problem: expect.any(String),
    })
  })
})
