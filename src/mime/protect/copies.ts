/** Who gets which copy of an encrypted message: what a copy is encrypted to tells all who get it who else does. */

export interface Copy {
  /** `named`: for everybody that the header names; `bcc`: for one whom nobody else may know of. */
  role: 'named' | 'bcc'
  /** Forward-paths, in the envelope's order. */
  recipients: string[]
}

/**
 * One copy for all recipients that To and Cc name, and one for each of the others. Every address of the envelope is in exactly
 * one; equal is what is equal as text, so that a doubt makes a copy more and never a recipient known.
 */
export function splitCopies(envelope: readonly string[], named: readonly string[]): Copy[] {
  const known = new Set(named)
  const all = [...new Set(envelope)]
  const together = all.filter((address) => known.has(address))
  const apart = all.filter((address) => !known.has(address))
  return [
    ...(together.length > 0 ? [{ role: 'named' as const, recipients: together }] : []),
    ...apart.map((address) => ({ role: 'bcc' as const, recipients: [address] })),
  ]
}
