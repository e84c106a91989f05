/** What can't be read or written as a header field, in the words of protection. */

import { AddressError } from '../../domain/address.ts'
import { ProtectionError } from '../../domain/protection-error.ts'
import { HeaderError } from '../header.ts'

/** @throws ProtectionError `message.bad_header`, naming the field, where `make` throws of an address or a field */
export function orBadHeader<T>(name: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof AddressError || error instanceof HeaderError) {
      const detail = `${name}: ${error.message}`
      throw new ProtectionError('message.bad_header', detail, { cause: error })
    }
    throw error
  }
}
