/** HTML of the mailbox's pages. Everything that came with a mail is escaped here, at the one place that writes markup. */

import type { Email } from 'postal-mime'
import type { ArrivedMail } from './store.ts'

/** Markup that may stand in a page as it is. */
class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | Part[]

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function render(part: Part): string {
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(render).join('')
  return String(part).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

function html(texts: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(texts.map((text, i) => text + render(parts[i] ?? '')).join(''))
}

export const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem }
header { display: flex; gap: 1rem; justify-content: space-between; align-items: baseline; flex-wrap: wrap }
h1 { font-size: 1.4rem; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); vertical-align: top; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt { opacity: .75 }
dd { margin: 0; overflow-wrap: anywhere }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
iframe { width: 100%; height: 32rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); background: #fff }
a:focus-visible, iframe:focus-visible { outline: 3px solid; outline-offset: 2px }
`

function page(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
${body}
</body>
</html>
`.text
}

/** What arrived, newest first; `older` is the id the next page begins after, or null. */
export function listPage(mails: ArrivedMail[], older: string | null): string {
  const rows = mails.map(
    (mail) => html`<tr><td><a href="/mail/${mail.id}">${mail.subject || '(no subject)'}</a></td>
<td>${mail.from || mail.sender}</td><td>${mail.recipients.join(', ')}</td>
<td><time datetime="${mail.received_at}">${shortTime(mail.received_at)}</time></td></tr>
`,
  )
  const table = html`<table>
<thead><tr><th scope="col">Subject</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Arrived (UTC)</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
${older === null ? '' : html`<p><a href="/?before=${older}">Older mail</a></p>`}`
  return page(
    'Local mailbox',
    html`<header><h1>Local mailbox</h1><a href="/">Refresh</a></header>
<main>
<p>This mailbox plays the relay: whatever Postern sends ends here, nothing leaves this machine.</p>
${mails.length === 0 ? html`<p>No mail yet.</p>` : table}
</main>`,
  )
}

export function mailPage(mail: ArrivedMail, content: Email): string {
  const subject = mail.subject || '(no subject)'
  const headers = content.headers.filter(({ key }) =>
    ['from', 'to', 'cc', 'reply-to', 'date', 'message-id'].includes(key),
  )
  const text = content.text?.trim()
    ? html`<h2 id="text">Text</h2>
<pre aria-labelledby="text">${content.text}</pre>`
    : ''
  const rich = content.html
    ? html`<h2>HTML</h2>
<p><a href="/mail/${mail.id}/html">Open it alone</a></p>
<iframe src="/mail/${mail.id}/html" sandbox title="The mail's HTML"></iframe>`
    : ''
  return page(
    `${subject} – local mailbox`,
    html`<header><h1>${subject}</h1><a href="/">All mail</a></header>
<main>
<dl>
<dt>Envelope sender</dt><dd>${mail.sender || '<>'}</dd>
<dt>Envelope recipients</dt><dd>${mail.recipients.join(', ')}</dd>
<dt>Arrived</dt><dd><time datetime="${mail.received_at}">${shortTime(mail.received_at)} UTC</time> on ${mail.route}</dd>
${headers.map(({ originalKey, value }) => html`<dt>${originalKey}</dt><dd>${value}</dd>\n`)}</dl>
${text}
${rich}
${attachmentList(mail, content)}
<p><a href="/mail/${mail.id}/source">Source</a> (${mail.size} octets)</p>
</main>`,
  )
}

function attachmentList(mail: ArrivedMail, { attachments }: Email): Part {
  if (attachments.length === 0) return ''
  const items = attachments.map(
    (attachment, i) =>
      html`<li><a href="/mail/${mail.id}/attachments/${i}" download>${attachment.filename || `attachment ${i + 1}`}</a> (${attachment.mimeType})</li>\n`,
  )
  return html`<h2>Attachments</h2>
<ul>
${items}</ul>`
}

function shortTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}
