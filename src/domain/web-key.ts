/** Where a Web Key Directory keeps the keys of an address (draft-koch-openpgp-webkey-service section 3.1). */

import { domainOf } from './address.ts'
import { readDomainName } from './domain-name.ts'

const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769'

export interface WebKeyPlaces {
  /** On the host of its own, to be asked first. */
  advanced: { host: string; url: string }
  /** On the domain itself, to be asked only where the other host has no address in DNS. */
  direct: { host: string; url: string }
}

/** `address` is a checked one. Its local part is hashed with ASCII letters in lower case, and told as it is in `l`. */
export async function webKeyPlaces(address: string): Promise<WebKeyPlaces> {
  const name = readDomainName(domainOf(address))
  if ('problem' in name) throw new TypeError(`not a checked address: ${name.problem}`)
  const host = name.ascii
  const local = address.slice(0, address.lastIndexOf('@'))
  const key = `hu/${await localPartHash(local)}?l=${encodeURIComponent(local)}`
  const sub = `openpgpkey.${host}`
  return {
    advanced: { host: sub, url: `https://${sub}/.well-known/openpgpkey/${host}/${key}` },
    direct: { host, url: `https://${host}/.well-known/openpgpkey/${key}` },
  }
}

/** SHA-1 in z-base-32: 32 characters. */
async function localPartHash(local: string): Promise<string> {
  const lower = local.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(lower))
  const bits = Array.from(new Uint8Array(digest), (octet) => octet.toString(2).padStart(8, '0'))
  return bits.join('').replace(/.{5}/g, (group) => Z_BASE_32.charAt(Number.parseInt(group, 2)))
}
