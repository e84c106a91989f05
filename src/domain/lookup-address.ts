/** The form in which addresses of keys are compared: in practice nobody has `Bo@` and `bo@` for two people (WKD lowers it too). */

import { readDomainName } from './domain-name.ts'

/** Lower case, domain in A-labels; what is no address stays findable as it is. */
export function lookupAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const domain = readDomainName(address.slice(at + 1))
  const spelled = 'problem' in domain ? address.slice(at + 1) : domain.ascii
  return (address.slice(0, at + 1) + spelled).toLowerCase()
}
