import { sealAad } from '../domain/seal.ts'

/** What the seal of an identity's private key, or of its signer's token, is bound to: its row and field. */
export function identitySealAad(id: string, field: 'sealed_key' | 'sealed_token'): string {
  return sealAad('e2ee_identities', id, field)
}
