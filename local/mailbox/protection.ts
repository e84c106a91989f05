/** How a mail was signed or encrypted, by its outermost part, and what opens it: this mailbox has no keys. */

import type { Email } from 'postal-mime'

export interface Protection {
  /** For people. */
  label: 'Encrypted, PGP/MIME' | 'Encrypted, S/MIME' | 'Signed, PGP/MIME' | 'Signed, S/MIME'
  encrypted: boolean
  /** A shell command on the downloaded file; null where one line can't do it. */
  opens: ((file: string) => string) | null
}

const PGP_ENCRYPTED: Protection = {
  label: 'Encrypted, PGP/MIME',
  encrypted: true,
  opens: (file) => `gpg --decrypt ${file}`,
}
const SMIME_ENCRYPTED: Protection = {
  label: 'Encrypted, S/MIME',
  encrypted: true,
  opens: (file) => `openssl cms -decrypt -in ${file} -recip you.pem -inkey you.key`,
}
const PGP_SIGNED: Protection = { label: 'Signed, PGP/MIME', encrypted: false, opens: null }
const SMIME_SIGNED: Protection = {
  label: 'Signed, S/MIME',
  encrypted: false,
  opens: (file) => `openssl cms -verify -in ${file} -CAfile ca.pem`,
}

/** Null: neither. */
export function protectionOf({ headers }: Email): Protection | null {
  const field = headers.find(({ key }) => key === 'content-type')?.value ?? ''
  const [type = ''] = field.toLowerCase().split(';')
  switch (type.trim()) {
    case 'multipart/encrypted':
      return PGP_ENCRYPTED
    case 'application/pkcs7-mime':
      return SMIME_ENCRYPTED
    case 'multipart/signed':
      return /application\/pgp-signature/i.test(field) ? PGP_SIGNED : SMIME_SIGNED
    default:
      return null
  }
}
