import { describe, expect, it } from 'vitest'
import { nearestField } from '../../src/http/nearest.ts'
import { NOT_HERE, OTHER_NAMES } from '../../src/http/nearest-names.ts'
import * as schemas from '../../src/http/schema.generated.ts'
import { fieldsAt } from '../../src/http/schema-fields.ts'

const MESSAGE = fieldsAt(schemas.MessageRequest, [])

describe('nearestField', () => {
  it.each([
    ['to', ['from', 'to', 'cc'], 'to'],
    ['FROM', MESSAGE, 'from'],
    ['sbuject', MESSAGE, 'subject'],
    ['attachment', MESSAGE, 'attachments'],
    ['header', MESSAGE, 'headers'],
    ['expires_at', MESSAGE, 'expires_in'],
    ['tu', MESSAGE, undefined],
    ['completely_else', MESSAGE, undefined],
    ['x'.repeat(10_000), MESSAGE, undefined],
  ])('of %.20s', (name, fields, expected) => {
    expect(nearestField(name, fields)).toBe(expected)
  })
})

describe('the table of other names', () => {
  const all = new Set(
    Object.values(schemas).flatMap((schema) =>
      typeof schema === 'object' && '_zod' in schema
        ? [
            ...fieldsAt(schema, []),
            ...fieldsAt(schema, ['unsubscribe']),
            ...fieldsAt(schema, ['routes', 0]),
          ]
        : [],
    ),
  )

  it.each(Object.entries(OTHER_NAMES))('%s leads to fields that exist', (name, fields) => {
    expect(name).toMatch(/^[a-z0-9]+$/)
    for (const field of fields) expect(all).toContain(field)
  })

  it('says nothing of fields that exist', () => {
    // A message has neither: one is a batch's, the other a filter's.
    const others = [...all].filter((field) => !['messages', 'message_id'].includes(field))
    const plain = [...MESSAGE, ...others].map((field) => field.replaceAll('_', ''))
    for (const name of Object.keys(NOT_HERE)) expect(plain).not.toContain(name)
  })
})

describe('fieldsAt', () => {
  it('goes through optional fields, unions and lists', () => {
    expect(fieldsAt(schemas.MessageRequest, ['to', 3])).toEqual(['address', 'name', 'keys'])
    expect(fieldsAt(schemas.MessageRequest, ['attachments', 0])).toContain('content_id')
    expect(fieldsAt(schemas.RelayRequest, ['auth'])).toEqual(['user', 'password', 'oauth'])
    expect(fieldsAt(schemas.MessageRequest, ['metadata', 'x'])).toEqual([])
    expect(fieldsAt(schemas.MessageRequest, ['constructor', 'prototype'])).toEqual([])
  })
})
