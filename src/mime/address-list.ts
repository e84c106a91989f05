/** Address lists of a header, read and compared. */

import { readMailboxes } from '../domain/address.ts'
import type { Word } from '../domain/address-syntax.ts'
import type { Mailbox } from '../domain/submission.ts'
import { type Field, fieldText, HeaderError } from './header.ts'
import { decodeText } from './words.ts'

/**
 * Mailboxes of a From, Sender, To, Cc, Bcc or Reply-To field, groups flattened, comments dropped, names decoded.
 * @throws AddressError, HeaderError
 */
export function readAddressField(field: Pick<Field, 'name' | 'raw'>): Mailbox[] {
  const text = fieldText(field)
  if (text === undefined) {
    throw new HeaderError('malformed_header', `${field.name} holds octets that are not UTF-8`)
  }
  return readMailboxes(text, { comments: true, groups: true, several: true }, decodePhrase)
}

/** Encoded-words are decoded in atoms only: inside quotation marks they are text (RFC 2047 section 5). */
function decodePhrase(words: readonly Word[]): string {
  let name = ''
  let run: string[] = []
  const flush = () => {
    if (run.length > 0) name += `${name && ' '}${decodeText(run.join(' '))}`
    run = []
  }
  for (const word of words) {
    if (!word.quoted) {
      run.push(word.text)
      continue
    }
    flush()
    name += `${name && ' '}${word.text}`
  }
  flush()
  return name
}
