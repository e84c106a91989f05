import { expect, test } from 'vitest'
import { labelsOf, mayBeOf } from '../../src/domain/key-armour.ts'

const PGP = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n'
const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'

test('labels say whose a key may be, and none say nothing', () => {
  const asked = (text: string) => {
    const material = Buffer.from(text)
    return ['pgp-mime', 'smime', 'another'].filter((protocol) => mayBeOf(protocol, material))
  }
  expect(asked(PGP)).toEqual(['pgp-mime', 'another'])
  expect(asked(PEM)).toEqual(['smime', 'another'])
  expect(asked(PGP + PEM)).toEqual(['pgp-mime', 'smime', 'another'])
  expect(asked('MA==')).toEqual(['pgp-mime', 'smime', 'another'])
  expect(labelsOf(Buffer.from(PEM + PGP))).toEqual(['CERTIFICATE', 'PGP PUBLIC KEY BLOCK'])
})
