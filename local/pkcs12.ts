/** PKCS#12 files (RFC 7292), as browsers, Windows and certificate shops hand them out, as PEM. */

import forge from 'node-forge'
import { CommandError } from './command.ts'

export interface Pkcs12 {
  /** PKCS#8 in PEM, unlocked. */
  keys: string[]
  /** PEM. */
  certificates: string[]
}

/** The passphrase doesn't open the file. */
export class PassphraseError extends CommandError {
  override readonly name = 'PassphraseError'
}

const { oids } = forge.pki

/** @throws CommandError, PassphraseError */
export function readPkcs12(octets: Uint8Array, passphrase: string): Pkcs12 {
  let asn1: forge.asn1.Asn1
  try {
    asn1 = forge.asn1.fromDer(Buffer.from(octets).toString('binary'))
  } catch (cause) {
    throw new CommandError('This is no PKCS#12 file.', { cause })
  }
  const file = open(asn1, passphrase)
  const bagsOf = (type: string | undefined) =>
    type === undefined ? [] : (file.getBags({ bagType: type })[type] ?? [])
  const keys = [...bagsOf(oids.keyBag), ...bagsOf(oids.pkcs8ShroudedKeyBag)].map(keyPem)
  return { keys, certificates: bagsOf(oids.certBag).map(certificatePem) }
}

function open(asn1: forge.asn1.Asn1, passphrase: string): forge.pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(asn1, passphrase)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : ''
    if (/password|decrypt|MAC could not/i.test(said)) {
      const hint = /^[\x20-\x7e]*$/.test(passphrase) ? '' : ` Try one in ASCII: ${ANEW}.`
      throw new PassphraseError(`The passphrase doesn't open this file.${hint}`, { cause })
    }
    // Where nothing vouches for it, one wrong passphrase in 256 leaves no wrong padding behind, but garbage.
    if (!hasMac(asn1)) {
      const message = `The passphrase doesn't open this file, or it can't be read; make it anew: ${ANEW}.`
      throw new PassphraseError(message, { cause })
    }
    throw new CommandError(`This PKCS#12 file can't be read; make it anew: ${ANEW}.`, { cause })
  }
}

/** PFX is version, content, and macData where there is one (RFC 7292 section 4). */
function hasMac({ value }: forge.asn1.Asn1): boolean {
  return Array.isArray(value) && value.length > 2
}

const ANEW = 'openssl pkcs12 -in old.p12 -out all.pem, then openssl pkcs12 -export -in all.pem'

/** forge reads RSA keys itself and leaves others as they are. */
function keyPem({ key, asn1 }: forge.pkcs12.Bag): string {
  const info = key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : asn1
  return pem('PRIVATE KEY', info)
}

function certificatePem({ cert, asn1 }: forge.pkcs12.Bag): string {
  return pem('CERTIFICATE', cert ? forge.pki.certificateToAsn1(cert) : asn1)
}

function pem(type: string, asn1: forge.asn1.Asn1): string {
  const body = forge.asn1.toDer(asn1).getBytes()
  return forge.pem.encode({ type, body }).replaceAll('\r\n', '\n')
}
