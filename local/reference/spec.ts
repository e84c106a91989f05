/** The parts of an OpenAPI document that the reference shows. */

export interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  format?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  additionalProperties?: boolean | Schema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  default?: unknown
  const?: unknown
}

export interface MediaType {
  schema?: Schema
  examples?: Record<string, { summary?: string; value: unknown }>
}

export interface Parameter {
  $ref?: string
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

export interface Answer {
  $ref?: string
  description: string
  content?: Record<string, MediaType>
}

export interface Operation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  'x-scope': string
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, MediaType> }
  responses: Record<string, Answer>
}

export interface Spec {
  info: { title: string; version: string; summary: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>
  components: {
    schemas: Record<string, Schema>
    parameters: Record<string, Parameter>
    responses: Record<string, Answer>
  }
}

export interface Endpoint {
  method: string
  path: string
  operation: Operation
  parameters: Parameter[]
}

const METHODS = ['get', 'options', 'post', 'put', 'patch', 'delete']

export function endpointsOf(spec: Spec): Endpoint[] {
  return Object.entries(spec.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      if (!operation) return []
      const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])]
      const parameters = all.map((one) =>
        one.$ref ? (spec.components.parameters[nameOf(one.$ref)] ?? one) : one,
      )
      return [{ method: method.toUpperCase(), path, operation, parameters }]
    }),
  )
}

export function answerOf(spec: Spec, answer: Answer): Answer {
  return answer.$ref ? (spec.components.responses[nameOf(answer.$ref)] ?? answer) : answer
}

export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}
