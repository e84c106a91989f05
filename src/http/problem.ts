/** Errors as answers: application/problem+json (RFC 9457). Never a stack, a secret or content. */

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { describeError } from '../domain/describe-error.ts'
import { ERRORS, PosternError, type Violation } from '../domain/errors.ts'
import type { AppEnv } from './context.ts'

export interface Problem {
  /** A page about the code, relative to this gateway. */
  type: string
  title: string
  status: number
  detail: string
  code: string
  request_id: string
  errors: Violation[]
}

export function problemOf(error: PosternError, requestId: string): Problem {
  return {
    type: `/docs/errors#${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    errors: error.violations,
    ...error.members,
  }
}

/** What is not a PosternError becomes `server.error`, and one line of the log. */
export function problemResponse(error: unknown, c: Context<AppEnv>): Response {
  const requestId = c.get('requestId')
  const known = error instanceof PosternError ? error : unexpected(error, requestId)
  if (known.retryAfterS !== undefined) c.header('Retry-After', String(known.retryAfterS))
  return c.body(JSON.stringify(problemOf(known, requestId)), known.status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json',
  })
}

/** Logs what was not foreseen and makes `server.error` of it; a PosternError is none of its business. */
export function unexpected(error: unknown, requestId: string): PosternError {
  console.error(
    JSON.stringify({
      type: 'server.error',
      timestamp: new Date().toISOString(),
      request_id: requestId,
      ...describeError(error),
    }),
  )
  return new PosternError(
    'server.error',
    `Something went wrong here; the log has it under ${requestId}. The request may be sent again with the same Idempotency-Key.`,
  )
}
