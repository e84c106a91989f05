/** Checks an answer against openapi.yaml: status, headers, media type, and the body with no field that stands nowhere. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'

type Json = null | boolean | number | string | Json[] | JsonObject
interface JsonObject {
  [key: string]: Json
}

export const SPEC_TEXT = readFileSync(join(import.meta.dirname, '../../openapi.yaml'), 'utf8')
export const SPEC: JsonObject = parse(SPEC_TEXT)

const OWN_FORMATS =
  'single-line relay-name template-name trigger-name rule-name host-name idempotency-key domain selector tag'.split(
    ' ',
  )
const ID = 'https://postern.invalid/openapi.json'
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
// Our own formats only choose the words of a refusal; the pattern beside them says what they are.
for (const format of OWN_FORMATS) ajv.addFormat(format, true)
ajv.addSchema({ ...(closed(SPEC) as JsonObject), $id: ID })
const compiled = new Map<string, ValidateFunction>()

/** Throws where the answer is not what the description says for this operation. */
export async function assertMatchesSpec(
  method: string,
  path: string,
  response: Response,
): Promise<void> {
  const operationAt = findOperation(method, path)
  const responses = at([...operationAt, 'responses']) as JsonObject
  const status = String(response.status) in responses ? String(response.status) : 'default'
  const responseAt = resolve([...operationAt, 'responses', status])
  const where = `${method} ${path} answered ${response.status}`
  checkHeaders(where, responseAt, response)
  const content = at([...responseAt, 'content']) as JsonObject | null
  const body = await response.clone().text()
  if (content === null) {
    if (body !== '') throw new Error(`${where} with a body where the description has none`)
    return
  }
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  if (!(type in content)) {
    throw new Error(`${where} as "${type}"; described are ${Object.keys(content).join(', ')}`)
  }
  if (!type.endsWith('json')) return
  const validate = validatorAt([...responseAt, 'content', type, 'schema'])
  if (!validate(JSON.parse(body))) {
    const errors = validate.errors?.map(
      (one) => `  ${one.instancePath || '/'} ${one.message} ${JSON.stringify(one.params)}`,
    )
    throw new Error(
      `${where}, which openapi.yaml does not allow:\n${errors?.join('\n')}\n${body.slice(0, 2000)}`,
    )
  }
}

/** Every operation as `GET /v1/messages/{id}`. */
export function specOperations(): { method: string; path: string; operation: JsonObject }[] {
  return Object.entries(SPEC.paths as JsonObject).flatMap(([path, item]) =>
    Object.entries(item as JsonObject)
      .filter(([method]) => ['get', 'options', 'put', 'post', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation: operation as JsonObject,
      })),
  )
}

function findOperation(method: string, url: string): string[] {
  const wanted = new URL(url, 'http://gateway.invalid').pathname.split('/')
  const fits = (path: string) => {
    const parts = path.split('/')
    return (
      parts.length === wanted.length &&
      parts.every((part, index) => part.startsWith('{') || part === wanted[index])
    )
  }
  const found = specOperations()
    .filter((one) => one.method === method.toUpperCase() && fits(one.path))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
  if (!found) throw new Error(`openapi.yaml has no ${method} ${url}`)
  return ['paths', found.path, method.toLowerCase()]
}

function checkHeaders(where: string, responseAt: string[], response: Response): void {
  const headers = (at([...responseAt, 'headers']) ?? {}) as JsonObject
  for (const name of Object.keys(headers)) {
    const header = at(resolve([...responseAt, 'headers', name])) as JsonObject
    if (header.required === true && !response.headers.has(name)) {
      throw new Error(`${where} without the header ${name}`)
    }
  }
  const described = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  for (const name of response.headers.keys()) {
    if (described.has(name) || SELF_EVIDENT.has(name)) continue
    throw new Error(`${where} with the header ${name}, which the description doesn't have`)
  }
}

/** Headers that HTTP itself or the media type asks for, of any answer. */
const SELF_EVIDENT = new Set([
  'allow',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-opener-policy',
  'date',
  'referrer-policy',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
  'x-frame-options',
])

/** Follows `$ref`s at the end of the path. */
function resolve(path: string[]): string[] {
  const value = at(path)
  const ref = isObject(value) ? value.$ref : undefined
  return typeof ref === 'string' ? resolve(ref.split('/').slice(1)) : path
}

function at(path: string[]): Json {
  return path.reduce<Json>((value, part) => (isObject(value) ? (value[part] ?? null) : null), SPEC)
}

export function validatorAt(path: string[]): ValidateFunction {
  const pointer = path
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')
  const known = compiled.get(pointer)
  if (known) return known
  const validate = ajv.compile({ $ref: `${ID}#/${pointer}` })
  compiled.set(pointer, validate)
  return validate
}

/** The description leaves objects open so that fields may be added; here every field has to be described. */
function closed(value: Json, isMap = false): Json {
  if (Array.isArray(value)) return value.map((item) => closed(item))
  if (!isObject(value)) return value
  const copy: JsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    copy[key] = key === 'example' || key === 'examples' ? item : closed(item, key === 'properties')
  }
  if (!isMap && isObject(copy.properties) && copy.additionalProperties === undefined) {
    copy.additionalProperties = false
  }
  return copy
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
