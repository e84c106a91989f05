import { describe, expect, it } from 'vitest'
import { readRelayHost } from '../../src/domain/relay-host-guard.ts'

describe('readRelayHost', () => {
  it.each([
    ['smtp.example.com', 'smtp.example.com'],
    ['SMTP.Example.COM', 'smtp.example.com'],
    ['smtp.bücher.example', 'smtp.xn--bcher-kva.example'],
    ['1.mail.example.com', '1.mail.example.com'],
    ['smtp.inbox.com', 'smtp.inbox.com'],
    ['smtp.catnip.io', 'smtp.catnip.io'],
    ['smtp.local.example.com', 'smtp.local.example.com'],
  ])('takes %s', (input, host) => {
    expect(readRelayHost(input, 'public')).toEqual({ host })
  })

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.0x1',
    '127.0x1',
    '0x',
    '10.0.0.1.',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '::1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '[fd00::1]',
    'fe80::1%eth0',
  ])('refuses the IP address %s, private relays or not', (input) => {
    expect(readRelayHost(input, 'public')).toHaveProperty('problem')
    expect(readRelayHost(input, 'private')).toHaveProperty('problem')
  })

  it.each([
    'localhost',
    'LOCALHOST',
    'db.localhost',
    'printer.local',
    'metadata.google.internal',
    'nas.lan',
    'relay',
    'router.home.arpa',
    'smtp.mail.svc',
    'smtp.mail.svc.cluster.local',
    'smtp.service.consul',
    'fritz.box',
    'smtp.corp',
    '127.0.0.1.nip.io',
    '7f000001.nip.io',
    'app-10-0-0-1.sslip.io',
    'nip.io',
    'smtp.localtest.me',
    'lvh.me',
  ])('takes %s only where private relays are allowed', (input) => {
    expect(readRelayHost(input, 'public')).toHaveProperty('problem')
    expect(readRelayHost(input, 'private')).toEqual({ host: input.toLowerCase() })
  })

  it.each([
    'localhost.',
    'localhost..',
    'smtp.localtest.me.',
    'ｌocalhost',
    'smtp.mail.\u212aom',
    '\u212aelvin.example.com',
    'nas.\u24db\u24d0\u24dd',
    'local\u00adhost',
    'smtp.example.com.',
    'smtp..example.com',
  ])('refuses the disguise %j', (input) => {
    expect(readRelayHost(input, 'public')).toHaveProperty('problem')
    expect(readRelayHost(input, 'private')).toHaveProperty('problem')
  })

  it.each([
    '',
    'smtp.example.com:587',
    'a@smtp.example.com',
    'smtp.example.com/x',
    'smtp\r\n.example.com',
    'a b.example',
  ])('refuses %j', (input) => expect(readRelayHost(input, 'private')).toHaveProperty('problem'))

  it.each(['smtp.example.com', 'nas.lan', 'relay', 'localhost.example.com', '127.0.0.1'])(
    'refuses %s where mail may not leave this machine',
    (input) => expect(readRelayHost(input, 'loopback')).toHaveProperty('problem'),
  )

  it.each(['localhost', 'mail.localhost'])('takes %s there', (host) => {
    expect(readRelayHost(host, 'loopback')).toEqual({ host })
  })
})
