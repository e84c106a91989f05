/** One operation: what it does, what it takes, what it answers. */

import { escapeHtml } from '../../src/http/page.ts'
import { inline, markdown } from './markdown.ts'
import { fieldHtml } from './schema.ts'
import {
  type Answer,
  answerOf,
  type Endpoint,
  type MediaType,
  type Schema,
  type Spec,
} from './spec.ts'

export function operationHtml(spec: Spec, endpoint: Endpoint): string {
  const { method, path, operation } = endpoint
  const scope = operation['x-scope']
  const key = scope === 'none' ? 'no key' : `scope <code>${scope}</code>`
  return `<section class="op" id="${operation.operationId}">
<h3>${escapeHtml(operation.summary)}</h3>
<p><code><span class="method">${method}</span> ${escapeHtml(path)}</code> <span class="dim">${key}</span></p>
${markdown(operation.description)}
${parametersHtml(spec, endpoint)}${requestHtml(spec, endpoint)}${answersHtml(spec, operation.responses)}</section>`
}

function parametersHtml(spec: Spec, { parameters }: Endpoint): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map((parameter) => {
    const where = `<span class="dim">${parameter.in}${parameter.required ? ', needed' : ''}</span>`
    const field: Schema = { ...parameter.schema, description: parameter.description ?? '' }
    return `<tr><td><code>${escapeHtml(parameter.name)}</code> ${where}</td><td>${fieldHtml(spec, field)}</td></tr>`
  })
  return `<h4>Parameters</h4>\n<table>\n${rows.join('\n')}\n</table>\n`
}

function requestHtml(spec: Spec, { operation }: Endpoint): string {
  const body = operation.requestBody
  if (!body) return ''
  const types = Object.entries(body.content).map(([type, media]) => mediaHtml(spec, type, media))
  return `<h4>Request${body.required ? '' : ', may be left out'}</h4>\n${types.join('')}`
}

function mediaHtml(spec: Spec, type: string, media: MediaType): string {
  const shape = media.schema && type !== 'message/rfc822' ? ` ${fieldHtml(spec, media.schema)}` : ''
  return `<div><code>${type}</code>${shape}</div>\n${examplesHtml(media)}`
}

function examplesHtml(media: MediaType): string {
  return Object.values(media.examples ?? {})
    .map(({ summary, value }) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
      return `<details><summary>${inline(summary ?? 'Example')}</summary>\n<pre><code>${escapeHtml(text.replaceAll('\r', ''))}</code></pre></details>\n`
    })
    .join('')
}

function answersHtml(spec: Spec, responses: Record<string, Answer>): string {
  const rows = Object.entries(responses).map(([status, answer]) => {
    const { description, content } = answerOf(spec, answer)
    const types = Object.entries(content ?? {}).map(([type, media]) =>
      answerMedia(spec, type, media),
    )
    return `<tr><td><code>${status}</code></td><td><p>${inline(description)}</p>${types.join('')}</td></tr>`
  })
  return `<h4>Answers</h4>\n<table>\n${rows.join('\n')}\n</table>\n`
}

function answerMedia(spec: Spec, type: string, media: MediaType): string {
  if (type === 'application/problem+json') return ''
  const shape = type === 'application/json' && media.schema ? fieldHtml(spec, media.schema) : ''
  return `<div><code>${type}</code> ${shape}</div>${examplesHtml(media)}`
}
