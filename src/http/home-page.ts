import { escapeHtml, page } from './page.ts'
import type { Tick } from './ticks.ts'

const NAMES: Record<Tick['name'], string> = {
  settings: 'Settings',
  relay: 'Relay',
  key: 'Key',
  first_mail: 'First mail',
}

export function homePage(ticks: Tick[]): string {
  const done = ticks.every((tick) => tick.done)
  return page(
    'Postern',
    `<h1>Postern</h1>
<p class="dim">${done ? 'Everything is set up.' : 'What is still missing, and what sets it.'}
<a href="/docs">Reference</a> · <a href="/openapi.yaml">openapi.yaml</a> · <a href="/docs/errors">Errors</a></p>
<ol class="ticks">
${ticks.map(tickHtml).join('\n')}
</ol>`,
  )
}

function tickHtml({ name, done, detail, command }: Tick): string {
  const mark = done ? '<span class="good">✓</span>' : '<span class="bad">○</span>'
  const how = `\n<pre><code>${escapeHtml(command)}</code></pre>`
  return `<li>${mark} <strong>${NAMES[name]}</strong> <span class="dim">${escapeHtml(detail)}</span>${how}</li>`
}
