/**
 * Secrets at rest: AES-256-GCM by WebCrypto. A seal is `v1.<key id>.<base64url of iv and ciphertext>`; the key id is
 * taken from a hash of the key, so that earlier master keys open their old seals. There is no fallback of any kind.
 */

import { SealError } from '../domain/seal.ts'
import type { Sealer } from '../ports/control-plane.ts'

const IV_BYTES = 12

interface MasterKey {
  id: string
  key: CryptoKey
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<MasterKey> {
  if (raw.byteLength !== 32) throw new SealError('a master key has 32 bytes')
  const label = new TextEncoder().encode('postern master key id\0')
  const digest = new Uint8Array(
    await crypto.subtle.digest('SHA-256', Uint8Array.from([...label, ...raw])),
  )
  return {
    id: toBase64Url(digest.subarray(0, 6)),
    key: await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']),
  }
}

/** Seals under `masterKey`; opens what it or one of `previous` sealed. Each is 32 raw bytes. */
export function createSealer(
  masterKey: Uint8Array<ArrayBuffer>,
  previous: Uint8Array<ArrayBuffer>[] = [],
): Sealer {
  let imported: MasterKey[] | undefined

  async function masterKeys(): Promise<MasterKey[]> {
    imported ??= await Promise.all([masterKey, ...previous].map(importKey))
    return imported
  }

  return {
    async seal(plain, aad) {
      const [current] = await masterKeys()
      if (!current) throw new SealError('there is no master key')
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const text = new TextEncoder()
      const ciphertext = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: text.encode(aad) },
        current.key,
        text.encode(plain),
      )
      return `v1.${current.id}.${toBase64Url(Uint8Array.from([...iv, ...new Uint8Array(ciphertext)]))}`
    },

    async isCurrent(sealed) {
      const [current] = await masterKeys()
      return sealed.split('.')[1] === current?.id
    },

    async open(sealed, aad) {
      const [version, id, body, ...rest] = sealed.split('.')
      if (version !== 'v1' || !id || !body || rest.length > 0) {
        throw new SealError('the seal has another form')
      }
      const master = (await masterKeys()).find((candidate) => candidate.id === id)
      if (!master) throw new SealError('the seal was made with a master key that is not known here')
      try {
        const octets = fromBase64Url(body)
        const plain = await crypto.subtle.decrypt(
          {
            name: 'AES-GCM',
            iv: octets.subarray(0, IV_BYTES),
            additionalData: new TextEncoder().encode(aad),
          },
          master.key,
          octets.subarray(IV_BYTES),
        )
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain)
      } catch (cause) {
        throw new SealError('the seal does not open here: it was altered or moved', { cause })
      }
    },
  }
}

function toBase64Url(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += String.fromCharCode(octet)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}
