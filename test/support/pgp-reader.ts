/** Reads what the PGP provider made with the library's own reader. */

import {
  createMessage,
  decrypt,
  readMessage,
  readSignature,
  type SignaturePacket,
  verify,
} from 'openpgp'
import type { Identity } from './pgp-identity.ts'

export async function opened(armored: string, { key }: Identity): Promise<string> {
  const message = await readMessage({ armoredMessage: armored })
  const { data } = await decrypt({ message, decryptionKeys: key, format: 'binary' })
  return Buffer.from(data as Uint8Array).toString('latin1')
}

/** The parts of a multipart entity, without the line ends that belong to its boundary. */
export function partsOf(entity: string): string[] {
  const boundary = /boundary="([^"]+)"/.exec(entity)?.[1] ?? ''
  return entity
    .slice(entity.indexOf(`--${boundary}`))
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => part.slice(2, -2))
}

/** @throws where the signature is not good */
export async function verified(
  entity: string,
  { key }: Identity,
): Promise<{ content: string; packet: SignaturePacket }> {
  const [content = '', signature = ''] = partsOf(entity)
  const armoredSignature = signature.slice(signature.indexOf('-----BEGIN'))
  const { signatures } = await verify({
    message: await createMessage({ binary: Buffer.from(content, 'latin1') }),
    signature: await readSignature({ armoredSignature }),
    verificationKeys: key.toPublic(),
  })
  await signatures[0]?.verified
  const packet = (await signatures[0]?.signature)?.packets[0]
  if (!packet) throw new Error('not signed')
  return { content, packet }
}
