/** What the generator is given: only what requests hold, without prose, so that the Worker carries no schema it never uses. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const METHODS = ['get', 'put', 'post', 'patch', 'delete']
/** Prose, and what the Worker applies by itself (defaults, the "at least one of" of a message). */
const LEFT_OUT = new Set(['description', 'examples', 'example', 'default', 'contentEncoding'])

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function at(root: JsonObject, ref: string): Json {
  let value: Json = root
  for (const part of ref.replace(/^#\//, '').split('/')) {
    value = isObject(value) ? (value[part] ?? null) : null
  }
  return value
}

function strip(value: Json, isMap = false): Json {
  if (Array.isArray(value)) return value.map((item) => strip(item))
  if (!isObject(value)) return value
  const kept: JsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    if (!isMap && LEFT_OUT.has(key)) continue
    if (key === 'anyOf' && 'properties' in value) continue
    kept[key] = strip(item, key === 'properties')
  }
  return kept
}

function refsIn(value: Json, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) refsIn(item, found)
  else if (isObject(value)) {
    if (typeof value.$ref === 'string') found.add(value.$ref)
    for (const item of Object.values(value)) refsIn(item, found)
  }
}

function jsonBody(operation: JsonObject): Json | undefined {
  const content = isObject(operation.requestBody) ? operation.requestBody.content : undefined
  const json = isObject(content) ? content['application/json'] : undefined
  return isObject(json) ? json.schema : undefined
}

function queryParameters(spec: JsonObject, operation: JsonObject): Json[] {
  const all = Array.isArray(operation.parameters) ? operation.parameters : []
  return all
    .map((one) => (isObject(one) && typeof one.$ref === 'string' ? at(spec, one.$ref) : one))
    .filter((one) => isObject(one) && one.in === 'query')
}

/** Only so that the document is valid: the router takes the path apart. */
function pathParameters(path: string): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
}

function requestsOf(spec: JsonObject, path: string, operation: JsonObject): JsonObject | undefined {
  const schema = jsonBody(operation)
  const parameters = queryParameters(spec, operation)
  if (schema === undefined && parameters.length === 0) return undefined
  const content = schema !== undefined && { 'application/json': { schema: strip(schema) } }
  return {
    operationId: operation.operationId ?? null,
    parameters: [...pathParameters(path), ...parameters.map((one) => strip(one))],
    ...(content && { requestBody: { required: true, content } }),
    responses: { '204': { description: 'left out' } },
  }
}

/** An OpenAPI document with the JSON bodies and query parameters of `spec`, and the schemas they need. */
export function requestSpec(spec: JsonObject): JsonObject {
  const paths: { [path: string]: JsonObject } = {}
  for (const [path, item] of Object.entries(isObject(spec.paths) ? spec.paths : {})) {
    for (const method of METHODS) {
      const operation = isObject(item) ? item[method] : undefined
      const requests = isObject(operation) ? requestsOf(spec, path, operation) : undefined
      if (requests) paths[path] = { ...paths[path], [method]: requests }
    }
  }
  const schemas: JsonObject = {}
  const open = new Set<string>()
  refsIn(paths, open)
  for (const ref of open) {
    const schema = strip(at(spec, ref))
    schemas[ref.slice('#/components/schemas/'.length)] = schema
    refsIn(schema, open)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'requests', version: '1' },
    paths,
    components: { schemas },
  }
}
