import { describe, expect, test } from 'vitest'
import { parseRelayUrl } from '../../src/domain/relay-url.ts'
import { routeName } from '../../src/domain/route.ts'

function parsed(url: string, options = {}) {
  const result = parseRelayUrl(url, options)
  if ('problem' in result) throw new Error(result.problem)
  return { ...result, routes: result.routes.map(routeName) }
}

describe('parseRelayUrl', () => {
  test('reads host, login and routes', () => {
    const url = 'smtp://user:pass@smtp.example.com?routes=587:starttls,465:implicit'
    expect(parsed(url)).toEqual({
      host: 'smtp.example.com',
      user: 'user',
      password: 'pass',
      routes: ['587/starttls', '465/implicit'],
    })
  })

  const routes: [url: string, routes: string[]][] = [
    ['smtp://u:p@smtp.example.com', ['587/starttls', '465/implicit', '2525/starttls']],
    ['smtps://u:p@smtp.example.com', ['465/implicit', '587/starttls', '2525/starttls']],
    ['smtps://u:p@smtp.example.com/', ['465/implicit', '587/starttls', '2525/starttls']],
    ['smtp://u:p@smtp.example.com:2525', ['2525/starttls']],
    ['smtp://u:p@smtp.example.com:465', ['465/implicit']],
    ['smtps://u:p@smtp.example.com:2465', ['2465/implicit']],
    ['smtp://u:p@smtp.gmail.com', ['587/starttls', '465/implicit']],
    ['smtp://u:p@smtp.example.com?routes=2525,465', ['2525/starttls', '465/implicit']],
    ['SMTP://u:p@SMTP.Example.com.', ['587/starttls', '465/implicit', '2525/starttls']],
  ]
  test.each(routes)('%s', (url, expected) => {
    expect(parsed(url).routes).toEqual(expected)
  })

  const logins: [login: string, user: string, password: string][] = [
    ['ada@example.com:secret', 'ada@example.com', 'secret'],
    ['u:a@b:c/d+e=f?g#h', 'u', 'a@b:c/d+e=f?g#h'],
    ['u:a%2Fb%2Bc%3Dd%40e', 'u', 'a/b+c=d@e'],
    ['u%3Av:100%25', 'u:v', '100%'],
    ['apikey:SG.x-y_z', 'apikey', 'SG.x-y_z'],
  ]
  test.each(logins)('%s ends at the last @', (login, user, password) => {
    expect(parsed(`smtp://${login}@smtp.example.com`)).toMatchObject({ user, password })
  })

  test('without a login the relay trusts by network', () => {
    expect(parsed('smtp://smtp.example.com')).toMatchObject({ user: null, password: null })
  })

  test('other ports only where private relays are allowed', () => {
    expect(parseRelayUrl('smtp://u:p@localhost:1587')).toHaveProperty('problem')
    expect(parsed('smtp://u:p@localhost:1587', { allowAnyPort: true }).routes).toEqual([
      '1587/starttls',
    ])
  })

  const problems: [url: string, part: RegExp][] = [
    ['', /^the scheme/],
    ['http://u:hunter2@smtp.example.com', /^the scheme/],
    ['smtp://hunter2@smtp.example.com', /^the password/],
    ['smtp://u:@smtp.example.com', /^the password/],
    ['smtp://:hunter2@smtp.example.com', /^the user/],
    ['smtp://u:hunter2%@smtp.example.com', /^the password/],
    ['smtp://u:hunter2%0d%0aQUIT@smtp.example.com', /^the password/],
    ['smtp://u%zz:hunter2@smtp.example.com', /^the user/],
    ['smtp://u:hunter2@', /^the host/],
    ['smtp://u:hunter2@smtp_example', /^the host/],
    ['smtp://u:hunter2@exa mple.com', /^the host/],
    ['smtp://u:hunter2@smtp.example.com:25', /^the port/],
    ['smtp://u:hunter2@smtp.example.com:0', /^the port/],
    ['smtp://u:hunter2@smtp.example.com:587?routes=465', /^the port/],
    ['smtp://u:hunter2@smtp.example.com?routes=587:none', /^routes/],
    ['smtp://u:hunter2@smtp.example.com?routes=587,587:implicit', /^routes/],
    ['smtp://u:hunter2@smtp.example.com?routes=', /^routes/],
    ['smtp://u:hunter2@smtp.example.com?insecure=1', /^the query/],
    ['smtp://u:hunter2@smtp.example.com/path', /^the end/],
    ['smtp://u:hunter2@smtp.example.com#x', /^the end/],
  ]
  test.each(problems)('%s names the part, never the value', (url, part) => {
    const result = parseRelayUrl(url)
    expect(result).toHaveProperty('problem', expect.stringMatching(part))
    expect(JSON.stringify(result)).not.toMatch(/hunter2|QUIT/)
  })
})
