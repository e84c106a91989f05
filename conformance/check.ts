/** A rule of the interface, and how it is tried. */

import assert from 'node:assert/strict'
import { E2EE_CODES, type E2eeCode } from '../src/domain/e2ee-code.ts'
import type { ProtectOperation } from '../src/ports/e2ee-provider.ts'
import type { Fixture, Person } from './fixture.ts'

export interface Check {
  /** The rule, as a sentence about a provider. */
  rule: string
  /** Why it says nothing about this provider; undefined where it does. */
  skip?(fixture: Fixture): string | undefined
  /** Throws where the rule is broken. */
  run(fixture: Fixture): Promise<void>
}

export const OPERATIONS: readonly ProtectOperation[] = ['sign', 'encrypt', 'sign+encrypt']

export const operationsOf = ({ provider }: Fixture) => provider.describe().operations

export const encrypting = (fixture: Fixture) =>
  operationsOf(fixture).filter((operation) => operation !== 'sign')

export const signing = (fixture: Fixture) =>
  operationsOf(fixture).filter((operation) => operation !== 'encrypt')

/** Signed, too, where it can: the strictest job. */
export const strongest = (fixture: Fixture) => encrypting(fixture).at(-1) ?? 'encrypt'

/** Two who get mail, and one who doesn't. */
export const persons = ({ recipients = [] }: Fixture) =>
  recipients.slice(0, 3) as [Person, Person, Person]

export const needsOperation = (fixture: Fixture) =>
  operationsOf(fixture).length > 0 ? undefined : 'it does nothing'
export const needsEncryption = (fixture: Fixture) =>
  encrypting(fixture).length > 0 ? undefined : 'it encrypts nothing'
export const needsSignature = (fixture: Fixture) =>
  signing(fixture).length > 0 ? undefined : 'it signs nothing'

/** That it fails, and with one of these codes; without any, however it likes. */
export async function expectFailure(
  what: string,
  work: Promise<unknown>,
  ...codes: E2eeCode[]
): Promise<void> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  const due = codes.length > 0 ? codes.join(' or ') : 'an error'
  assert.ok(failure !== undefined, `${what}: it succeeded, ${due} was due`)
  if (codes.length === 0) return
  const { code, name } = failure as { code?: string; name?: string }
  assert.ok(
    name === 'ProtectionError' && code !== undefined && Object.hasOwn(E2EE_CODES, code),
    `${what}: ${due} was due as a ProtectionError, and it threw ${String(failure)}`,
  )
  assert.ok((codes as string[]).includes(code), `${what}: ${due} was due, and it threw ${code}`)
}
