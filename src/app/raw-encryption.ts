/** What a finished message asks of protection, beside it or in a field of its own. */

import type { ProtectionRequest, Wish } from '../domain/e2ee-policy.ts'
import type { RawFacts } from '../mime/raw.ts'
import type { Violations } from './violations.ts'

const AT = '/header/Postern-Encryption'
const WISHES: readonly string[] = ['off', 'prefer', 'require'] satisfies Wish[]

/** `encrypt=require; sign=prefer; protocol=smime`; what isn't understood must not be taken for nothing. */
export function rawEncryption(
  violations: Violations,
  given: string | undefined,
  { postern }: RawFacts,
): ProtectionRequest | null {
  const text = given ?? postern.find(([name]) => name === 'postern-encryption')?.[1]
  if (text === undefined) return null
  const request: Record<string, string> = {}
  for (const part of text.split(';')) {
    const [name = '', value = '', ...more] = part
      .split('=')
      .map((word) => word.trim().toLowerCase())
    const isWish = name === 'encrypt' || name === 'sign'
    const isSound = isWish ? WISHES.includes(value) : name === 'protocol' && value !== ''
    if (isSound && more.length === 0 && !Object.hasOwn(request, name)) request[name] = value
    else {
      const words = 'encrypt, sign (off, prefer or require) and protocol, each once'
      violations.add(AT, 'field.not_allowed', `name=value with ; between: ${words}`)
      return null
    }
  }
  return request
}
