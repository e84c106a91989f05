/** The gateway's own pages: one sheet, no script, nothing loaded from anywhere. */

import { createHash } from 'node:crypto'

/** Readable in light and dark, on a phone and printed. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9d9d2, #3a3d42); --soft: light-dark(#f5f5f0, #1e2125);
  --text: light-dark(#1d1f21, #e4e4df); --dim: light-dark(#5d6166, #a0a5ab); --link: light-dark(#0b5c8a, #7cc0ea);
  --good: light-dark(#1d6b3a, #7fd09b); --bad: light-dark(#9a3412, #f0a37f) }
* { box-sizing: border-box }
body { margin: 0; background: light-dark(#fff, #16181b); color: var(--text); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 5rem }
a { color: var(--link) }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem } h2 { font-size: 1.35rem; margin: 3rem 0 .75rem }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem } h4 { font-size: .9rem; margin: 1.25rem 0 .4rem; color: var(--dim) }
code, pre { font: .875em/1.5 ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace }
code { background: var(--soft); padding: .1em .3em; border-radius: 4px; overflow-wrap: anywhere }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow-x: auto }
pre code { background: none; padding: 0; overflow-wrap: normal }
table { border-collapse: collapse; width: 100%; font-size: .93em } td, th { text-align: left; vertical-align: top;
  padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line) } th { font-weight: 600; color: var(--dim) }
td p { margin: 0 } td > :first-child { margin-top: 0 }
.dim { color: var(--dim) } .good { color: var(--good) } .bad { color: var(--bad) }
.op { border-top: 1px solid var(--line); padding-top: 1.25rem; margin-top: 2rem }
.op h3 { margin-top: 0 } .method { font-weight: 700 }
details { margin: .4rem 0 } summary { cursor: pointer; color: var(--link) }
nav ul { list-style: none; padding: 0; margin: .25rem 0 1rem; columns: 2 18rem } nav li { margin: .15rem 0 }
ol.ticks { list-style: none; padding: 0 } ol.ticks li { border-top: 1px solid var(--line); padding: 1rem 0 }
@media print { pre { white-space: pre-wrap } details > * { display: block } }
`

/** For text, and for values of attributes in double quotation marks. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A whole document; `body` is HTML already. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

let headers: Record<string, string> | undefined

/** No script runs, nothing is fetched, nobody frames it; the one style sheet is known by its hash. */
export function pageHeaders(): Record<string, string> {
  const styleHash = () => createHash('sha256').update(STYLE).digest('base64')
  headers ??= {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash()}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
  }
  return headers
}
