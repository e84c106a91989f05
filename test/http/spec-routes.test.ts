/** Every route in code stands in openapi.yaml, and back; every operation names its scope. */

import { describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { endpoints } from '../../src/http/methods.ts'
import { SPEC_TEXT, specOperations } from '../support/spec-response.ts'

const app = createApp({
  configure: () => ({ problems: [] }),
  texts: { spec: SPEC_TEXT, reference: '' },
})

const inCode = endpoints(app.routes).map(({ method, path }) => `${method} ${path}`)
const inSpec = specOperations().map(
  ({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
)

describe('routes', () => {
  it('are the same in code and in openapi.yaml', () => {
    expect(inCode.sort()).toEqual(inSpec.sort())
  })

  it.each(specOperations())('$method $path has a name and a scope', ({ path, operation }) => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/)
    const scopes = path.startsWith('/v1/') ? ['send', 'read', 'manage'] : ['none']
    expect(scopes).toContain(operation['x-scope'])
  })

  it('have names of their own', () => {
    const names = specOperations().map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
  })
})
