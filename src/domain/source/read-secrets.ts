/** Reads the secrets of a source. What is wrong with one is said in words that would fit any. */

import type { Violation } from '../errors.ts'
import { fromBase64 } from './octets.ts'
import type { SourceConfig } from './source.ts'

/** Two while one is changed for the other; more for several senders. */
const MOST_SECRETS = 5

interface SecretRule {
  fits: (secret: string) => boolean
  expected: string
}

const PLAIN: SecretRule = {
  fits: (secret) => /^[!-~](?:[ -~]{14,510}[!-~])$/.test(secret),
  expected: 'has to be 16 to 512 printable characters, without spaces around them',
}
const SAID: SecretRule = {
  fits: (secret) => /^[!-+\--~]{16,512}$/.test(secret),
  expected: 'has to be 16 to 512 characters without spaces and commas',
}
const BEARER: SecretRule = {
  fits: (secret) => /^[\w.~+/-]{16,512}=*$/.test(secret),
  expected: 'has to be 16 to 512 of letters, digits and - . _ ~ + /',
}
const BASIC: SecretRule = {
  fits: (secret) => /^[^:\s\p{Cc}]{1,128}:[^\p{Cc}]{12,256}$/u.test(secret),
  expected: 'has to be user:password, the password of 12 characters or more',
}
const STANDARD: SecretRule = {
  fits: (secret) => {
    const length = fromBase64(secret.replace(/^whsec_/, ''))?.byteLength ?? 0
    return length >= 24 && length <= 64
  },
  expected: 'has to be whsec_ and 24 to 64 octets in base64',
}

function ruleOf(source: SourceConfig): SecretRule | null {
  switch (source.type) {
    case 'sns':
    case 'form':
      return null
    case 'standard-webhooks':
      return STANDARD
    case 'gitlab':
      return source.by === 'token' ? SAID : STANDARD
    case 'basic':
      return BASIC
    case 'bearer':
      return source.header === 'authorization' ? BEARER : SAID
    default:
      return PLAIN
  }
}

/** The secrets, to be used where nothing was pointed at. A source that has none takes none. */
export function readSourceSecrets(
  source: SourceConfig,
  secrets: readonly string[],
  pointer: string,
  violations: Violation[],
): string[] {
  const rule = ruleOf(source)
  const add = (at: string, code: string, message: string) =>
    violations.push({ pointer: at, code, message })
  if (rule === null) {
    if (secrets.length > 0) add(pointer, 'field.too_many', `a ${source.type} source has no secret`)
    return []
  }
  if (secrets.length === 0) add(pointer, 'field.too_few', 'the source needs a secret')
  if (secrets.length > MOST_SECRETS) {
    add(pointer, 'field.too_many', `has to have ${MOST_SECRETS} at most`)
  }
  for (const [index, secret] of secrets.slice(0, MOST_SECRETS).entries()) {
    const at = `${pointer}/${index}`
    if (!rule.fits(secret)) add(at, 'field.format', rule.expected)
    else if (secrets.indexOf(secret) < index) add(at, 'field.duplicate', 'is in the list already')
  }
  return [...secrets]
}
