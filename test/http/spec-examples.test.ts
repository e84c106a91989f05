/** Every example that openapi.yaml shows is one that its schema allows. */

import { expect, it } from 'vitest'
import { SPEC, validatorAt } from '../support/spec-response.ts'

interface Example {
  schema: string[]
  name: string
  value: unknown
}

function examplesIn(node: unknown, path: string[]): Example[] {
  if (typeof node !== 'object' || node === null) return []
  const own = node as Record<string, unknown>
  const found = Object.entries(own).flatMap(([key, value]) =>
    key === 'example' || key === 'examples' ? [] : examplesIn(value, [...path, key]),
  )
  const add = (schema: string[], name: string, value: unknown) =>
    found.push({ schema, name: [...path, name].join('/'), value })
  const hasSchema = own.schema !== undefined
  if (Array.isArray(own.examples)) {
    for (const [index, value] of own.examples.entries()) add(path, `examples/${index}`, value)
  } else if (hasSchema) {
    for (const [name, example] of Object.entries(own.examples ?? {})) {
      add([...path, 'schema'], name, (example as { value: unknown }).value)
    }
  }
  if (hasSchema && own.example !== undefined) add([...path, 'schema'], 'example', own.example)
  return found
}

const examples = examplesIn(SPEC, [])

it('there are some', () => {
  expect(examples.length).toBeGreaterThan(40)
})

it.each(examples.map((example) => [example.name, example] as const))('%s', (_, example) => {
  const validate = validatorAt(example.schema)
  validate(example.value)
  expect(validate.errors ?? []).toEqual([])
})
