import { sealAad } from '../domain/seal.ts'

/** What a DKIM key's seal is bound to: its row and field. */
export function dkimSealAad(domain: string, selector: string): string {
  return sealAad('dkim_keys', `${domain}/${selector}`, 'sealed_key')
}
