/** docs/errors.md from the one table of codes. */

import { ERRORS, type ErrorKind } from '../src/domain/errors.ts'

export function errorsDoc(): string {
  const kinds: [string, ErrorKind][] = Object.entries(ERRORS)
  const ending = kinds.filter(([, kind]) => kind.status !== undefined)
  const others = kinds.filter(([, kind]) => kind.status === undefined)
  return `# Error codes

Made from the table in \`src/domain/errors.ts\` by \`npm run generate\`; a test holds both together.

An error is \`application/problem+json\` (RFC 9457). Its \`code\` is the same word in answers, logs and events and is never
renamed or reused; \`title\` is the same for every occurrence, \`detail\` says what was wrong this time and what to do.
\`errors[]\` holds what is wrong with a request, each with a JSON Pointer into it: unknown fields, types and lengths first, and
once those are right everything else together. No error holds a secret, a stack or content. Requests that failed with 409 \`idempotency.running\`, 429 or 5xx may be sent again with the same
\`Idempotency-Key\`.

## Codes that end a request

| code | status | title |
| --- | --- | --- |
${ending.map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`).join('\n')}

## Codes in \`errors[]\`, logs and events

| code | title |
| --- | --- |
${others.map(([code, { title }]) => `| \`${code}\` | ${title} |`).join('\n')}
`
}
