/** What a finished message asks of protection, beside it or in a field of its own. */

import type { ProtectionRequest, Wish } from '../domain/e2ee-policy.ts'
import type { RawFacts } from '../mime/raw.ts'
import type { Violations } from './violations.ts'

const AT = '/header/Postern-Encryption'
const WISHES: readonly string[] = ['off', 'prefer', 'require'] satisfies Wish[]

/**
 * `encrypt=require; sign=prefer; protocol=smime`; what isn't understood must not be taken for nothing. Of what stands beside the
 * message and in it each wish is the stronger one: neither takes back what the other demands.
 */
export function rawEncryption(
  violations: Violations,
  given: string | undefined,
  { postern }: RawFacts,
): ProtectionRequest | null {
  const own = postern.find(([name]) => name === 'postern-encryption')?.[1]
  const requests = [own, given].flatMap((text) => {
    const request = text === undefined ? undefined : read(text)
    if (request === null) {
      const words = 'encrypt, sign (off, prefer or require) and protocol, each once'
      violations.add(AT, 'field.not_allowed', `name=value with ; between: ${words}`)
    }
    return request ?? []
  })
  if (requests.length === 0 || violations.at(AT)) return null
  const wish = (field: 'encrypt' | 'sign') => {
    const strongest = requests
      .flatMap((one) => one[field] ?? [])
      .toSorted(byStrength)
      .at(-1)
    return strongest && { [field]: strongest }
  }
  return { ...Object.assign({}, ...requests), ...wish('encrypt'), ...wish('sign') }
}

function byStrength(a: Wish, b: Wish): number {
  return WISHES.indexOf(a) - WISHES.indexOf(b)
}

function read(text: string): ProtectionRequest | null {
  const request: Record<string, string> = {}
  for (const part of text.split(';')) {
    const [name = '', value = '', ...more] = part
      .split('=')
      .map((word) => word.trim().toLowerCase())
    const isWish = name === 'encrypt' || name === 'sign'
    const isSound = isWish ? WISHES.includes(value) : name === 'protocol' && value !== ''
    if (!isSound || more.length > 0 || Object.hasOwn(request, name)) return null
    request[name] = value
  }
  return request
}
