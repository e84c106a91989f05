/** How parts of a mail read to a person: addresses decoded, characters that turn the text around made visible. */

import type { Address, Email } from 'postal-mime'

/** Overrides and isolates let `gnp.exe` look like `exe.png`; right-to-left letters need none of them. */
export function plainText(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

export function addressText(address: Address): string {
  if (address.group) return `${address.name}: ${address.group.map(addressText).join(', ')};`
  return address.name ? `${address.name} <${address.address}>` : (address.address ?? '')
}

/** The first few, and how many more there are. */
export function shortList(list: string[], shown = 3): string {
  const more = list.length - shown
  return more > 0 ? `${list.slice(0, shown).join(', ')} and ${more} more` : list.join(', ')
}

/** Those of the envelope whom the header doesn't name. */
export function hiddenRecipients(recipients: string[], { to = [], cc = [] }: Email): string[] {
  const named = new Set(
    [...to, ...cc].flatMap((each) => each.group ?? [each]).map((each) => lower(each.address)),
  )
  return recipients.filter((recipient) => !named.has(lower(recipient)))
}

/** Names of attachments as they are shown and saved. */
export function fileName(filename: string | null | undefined, index: number): string {
  return plainText(filename || `attachment-${index + 1}`)
}

function lower(address = ''): string {
  return address.toLowerCase()
}
