import { expect, test } from 'vitest'
import { webKeyPlaces } from '../../src/domain/web-key.ts'

// The example of the draft's section 3.1.
test('the published example', async () => {
  expect(await webKeyPlaces('Joe.Doe@example.org')).toEqual({
    advanced: {
      host: 'openpgpkey.example.org',
      url: 'https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe',
    },
    direct: {
      host: 'example.org',
      url: 'https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe',
    },
  })
})

// Hashes by `gpg-wks-client --print-wkd-hash` of GnuPG 2.2.
test.each([
  ['postmaster@example.org', '17o8za5yunot7q6wddwcs4jqodngre8t', 'postmaster'],
  ['a+b@example.org', 'i6wwpbayndmjsnjzbzdj15jgc77g8a4f', 'a%2Bb'],
  [
    "o'neil/x?y#z&w=%@example.org",
    'rhb3me36taad3o6a1epc6cspf315ugu7',
    "o'neil%2Fx%3Fy%23z%26w%3D%25",
  ],
  ['ÄÖü@example.org', 'zo6zjh64o5b3bjkgn8456tij6wp7tas5', '%C3%84%C3%96%C3%BC'],
])('%s', async (address, hash, local) => {
  const { direct } = await webKeyPlaces(address)
  expect(direct.url).toBe(`https://example.org/.well-known/openpgpkey/hu/${hash}?l=${local}`)
})

test('an internationalised domain is asked by its A-labels', async () => {
  const { advanced } = await webKeyPlaces('ü@bücher.example')
  expect(advanced.host).toBe('openpgpkey.xn--bcher-kva.example')
  expect(advanced.url).toContain('/openpgpkey/xn--bcher-kva.example/hu/')
})
