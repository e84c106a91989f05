/** Requests to try `POST /v1/messages` with, and what they are refused for. */

import { PosternError } from '../../src/domain/errors.ts'

const URL = 'http://gateway.example/v1/messages'

export function jsonRequest(body: unknown): Request {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return request(text, 'application/json')
}

export function formRequest(body: string): Request {
  return request(body, 'application/x-www-form-urlencoded')
}

/** With the boundary that FormData gives it. */
export function multipartRequest(fields: [name: string, value: string | File][]): Request {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  return new Request(URL, { method: 'POST', body: form })
}

export function request(body: string | Uint8Array<ArrayBuffer>, type?: string): Request {
  const headers = type === undefined ? undefined : { 'Content-Type': type }
  return new Request(URL, { method: 'POST', body, ...(headers && { headers }) })
}

/** The PosternError that a promise was rejected with. */
export async function refusalOf(work: Promise<unknown>): Promise<PosternError> {
  const result = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in result)) throw new Error(`taken: ${JSON.stringify(result.value)}`)
  if (!(result.error instanceof PosternError)) throw result.error
  return result.error
}
