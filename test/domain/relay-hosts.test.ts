import { describe, expect, test } from 'vitest'
import { defaultRoutes } from '../../src/domain/relay-hosts.ts'
import { routeName } from '../../src/domain/route.ts'

describe('defaultRoutes', () => {
  const cases: [host: string, routes: string[]][] = [
    ['smtp.example.com', ['587/starttls', '465/implicit', '2525/starttls']],
    ['smtp.gmail.com', ['587/starttls', '465/implicit']],
    ['SMTP.Gmail.com', ['587/starttls', '465/implicit']],
    ['smtp.office365.com', ['587/starttls']],
    ['smtp.mx.cloudflare.net', ['465/implicit']],
    [
      'email-smtp.eu-west-1.amazonaws.com',
      ['587/starttls', '465/implicit', '2587/starttls', '2465/implicit'],
    ],
    // Looks like it, and is another host.
    ['email-smtp.a.b.amazonaws.com', ['587/starttls', '465/implicit', '2525/starttls']],
    ['email-smtp..amazonaws.com.example.com', ['587/starttls', '465/implicit', '2525/starttls']],
    ['email-smtp.amazonaws.com', ['587/starttls', '465/implicit', '2525/starttls']],
  ]
  test.each(cases)('%s', (host, routes) => {
    expect(defaultRoutes(host).map(routeName)).toEqual(routes)
  })
})
