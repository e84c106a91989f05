/** What the armour around keys tells without reading them: RFC 9580 section 6.2, RFC 7468. */

const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/g

/** `PGP PUBLIC KEY BLOCK`, `CERTIFICATE`; none of what is binary. */
export function labelsOf(material: Uint8Array): string[] {
  const text = Buffer.from(material).toString('latin1')
  return [...text.matchAll(BEGIN)].map(([, label = '']) => label)
}

/** So that no provider is loaded or asked for what is plainly another's. */
export function mayBeOf(protocol: string, material: Uint8Array): boolean {
  const labels = labelsOf(material)
  if (labels.length === 0) return true
  const pgp = labels.filter((label) => label.startsWith('PGP '))
  if (protocol === 'pgp-mime') return pgp.length > 0
  return protocol !== 'smime' || pgp.length < labels.length
}
