import { ERRORS, type ErrorKind } from '../domain/errors.ts'
import { escapeHtml, page } from './page.ts'

/** Every code with its status and title; a problem's `type` leads to its line. */
export function errorsPage(): string {
  const kinds: [string, ErrorKind][] = Object.entries(ERRORS)
  const rows = kinds.map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status ?? '–'}</td><td>${escapeHtml(title)}</td></tr>`,
  )
  return page(
    'Postern: error codes',
    `<h1>Error codes</h1>
<p class="dim"><a href="/docs">Reference</a></p>
<p>An error is <code>application/problem+json</code>. Its <code>code</code> is the same word in answers, logs and events and
is never renamed. Codes without a status occur in <code>errors[]</code>, in logs and in events.</p>
<table>
<tr><th>Code</th><th>Status</th><th>What it says</th></tr>
${rows.join('\n')}
</table>`,
  )
}
