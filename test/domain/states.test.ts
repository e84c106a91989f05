/** docs/states.md against the code: every state, every status, every mix of states. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  MESSAGE_STATUSES,
  messageStatus,
  RECIPIENT_STATES,
  type RecipientState,
} from '../../src/domain/states.ts'

const TEXT = readFileSync(join(import.meta.dirname, '../../docs/states.md'), 'utf8')

/** Cells of the table in a section, without its two head lines. */
function rows(section: string): string[][] {
  const text = TEXT.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? ''
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '))
}

const GROUPS: RecipientState[][] = [
  ['unknown'],
  ['deferred'],
  ['queued'],
  ['relayed', 'delivered'],
  ['bounced', 'expired', 'suppressed'],
  ['canceled'],
]

/** The first row of the table that fits. */
function documented(states: RecipientState[]): string | undefined {
  const row = rows('Every mix').find((cells) =>
    GROUPS.every((group, index) => {
      const has = states.some((state) => group.includes(state))
      return cells[index] === 'any' || (cells[index] === 'yes') === has
    }),
  )
  return row?.at(-1)?.replaceAll('`', '')
}

describe('docs/states.md', () => {
  test('has every recipient state', () => {
    const states = rows('Recipient states').map(([state]) => state)
    expect(states.toSorted()).toEqual(RECIPIENT_STATES.map((state) => `\`${state}\``).toSorted())
  })

  test('has every status in the order of precedence', () => {
    const statuses = rows('Message status').map(([status]) => status)
    expect(statuses).toEqual(MESSAGE_STATUSES.map((status) => `\`${status}\``))
  })

  test('gives the status of every mix', () => {
    const count = 2 ** RECIPIENT_STATES.length
    for (let mix = 1; mix < count; mix++) {
      const states = RECIPIENT_STATES.filter((_, bit) => (mix >> bit) & 1)
      const status = messageStatus({ states, scheduled: false, sending: false })
      expect([states, status]).toEqual([states, documented(states)])
    }
  })

  test('what is to come and what is under way goes before the mix', () => {
    const facts = { states: ['queued', 'relayed'] as const, scheduled: true, sending: true }
    expect(messageStatus(facts)).toBe('scheduled')
    expect(messageStatus({ ...facts, scheduled: false })).toBe('sending')
    expect(messageStatus({ states: ['canceled'], scheduled: true, sending: false })).toBe(
      'canceled',
    )
  })
})
