/** The reference: openapi.yaml as one page, served at /docs. */

import { escapeHtml, page } from '../../src/http/page.ts'
import { inline, markdown } from './markdown.ts'
import { operationHtml } from './operation.ts'
import { hasFields, schemaHtml } from './schema.ts'
import { type Endpoint, endpointsOf, type Spec } from './spec.ts'

export function referencePage(spec: Spec): string {
  const endpoints = endpointsOf(spec)
  const groups = spec.tags.map((tag) => ({
    ...tag,
    endpoints: endpoints.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const sections = groups.map(
    (group) =>
      `<h2 id="${group.name.toLowerCase()}">${group.name}</h2>\n<p>${inline(group.description)}</p>\n${group.endpoints.map((one) => operationHtml(spec, one)).join('\n')}`,
  )
  return page(
    `${spec.info.title} reference`,
    `<h1>${escapeHtml(spec.info.title)}</h1>
<p class="dim">${inline(spec.info.summary)} Version ${escapeHtml(spec.info.version)} ·
<a href="/openapi.yaml">openapi.yaml</a> · <a href="/docs/errors">Error codes</a></p>
${markdown(spec.info.description)}
<nav>
${groups.map(({ name, endpoints: some }) => `<h4>${name}</h4>\n<ul>\n${some.map(linkHtml).join('\n')}\n</ul>`).join('\n')}
</nav>
${sections.join('\n')}
<h2 id="objects">Objects</h2>
${objectsHtml(spec)}`,
  )
}

function linkHtml({ method, path, operation }: Endpoint): string {
  return `<li><a href="#${operation.operationId}">${inline(operation.summary)}</a> <code>${method} ${escapeHtml(path)}</code></li>`
}

/** Objects have a section each, and so has whatever is linked to. */
function objectsHtml(spec: Spec): string {
  const entries = Object.entries(spec.components.schemas)
  const sections = new Map(entries.map(([name, schema]) => [name, schemaHtml(spec, name, schema)]))
  const shown = new Set(entries.filter(([, schema]) => hasFields(schema)).map(([name]) => name))
  for (const name of shown) {
    for (const [, link] of sections.get(name)?.matchAll(/href="#(\w+)"/g) ?? []) {
      if (link && sections.has(link)) shown.add(link)
    }
  }
  const listed = [...sections].filter(([name]) => shown.has(name))
  return listed.map(([, html]) => html).join('\n')
}
