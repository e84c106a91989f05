/** The little Markdown that openapi.yaml uses, as HTML: paragraphs, lists, headings, code, bold. */

import { escapeHtml } from '../../src/http/page.ts'

export function markdown(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map(block)
    .join('\n')
}

/** The same without block elements: for a table cell or a summary. */
export function inline(text: string): string {
  return escapeHtml(text.trim())
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
}

function block(text: string): string {
  const heading = /^## (.*)(?:\n([\s\S]*))?$/.exec(text)
  if (heading) {
    return `<h2>${inline(heading[1] ?? '')}</h2>${heading[2] ? `\n${block(heading[2])}` : ''}`
  }
  if (text.startsWith('- ')) {
    const items = text.split(/\n(?=- )/).map((item) => `<li>${inline(item.slice(2))}</li>`)
    return `<ul>\n${items.join('\n')}\n</ul>`
  }
  return `<p>${inline(text)}</p>`
}
