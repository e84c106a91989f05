/** HTML of the mailbox's pages. Everything that came with a mail is escaped here, at the one place that writes markup. */

import type { Email } from 'postal-mime'
import { escapeHtml } from '../../src/http/page.ts'
import { addressText, fileName, hiddenRecipients, plainText, shortList } from './display.ts'
import { type Protection, protectionOf } from './protection.ts'
import type { ArrivedMail } from './store.ts'

/** Markup that may stand in a page as it is. */
class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | null | Markup | Part[]

function render(part: Part): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(render).join('')
  return escapeHtml(String(part))
}

function html(texts: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(texts.map((text, i) => text + render(parts[i] ?? '')).join(''))
}

export const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --dim: light-dark(#5b6270, #a2a9b6); --line: light-dark(#d9dce2, #3a3f4a); --soft: light-dark(#f5f6f8, #1d2026) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; color: light-dark(#16181d, #e8eaee); background: light-dark(#fff, #14161a) }
a { color: light-dark(#0b57d0, #8ab4ff); text-underline-offset: .2em }
header { display: flex; gap: 1.5rem; justify-content: space-between; align-items: baseline }
header a { flex: none }
h1, p, dd, li, pre, a { overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem }
h2 { font-size: 1rem; margin: 2rem 0 .5rem }
p { margin: .5rem 0 }
small, time, dt, .dim { color: var(--dim); font-size: .875rem }
.mails { list-style: none; margin: 1.5rem 0; padding: 0; border-top: 1px solid var(--line) }
.mails li { display: grid; grid-template-columns: 1fr auto; gap: 0 1.5rem; padding: .6rem 0; border-bottom: 1px solid var(--line) }
.mails a { font-weight: 600; text-decoration: none; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden }
.mails a:hover { text-decoration: underline }
.mails p { margin: 0; grid-column: 1 / -1 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; align-items: baseline; margin: 1rem 0 }
dd { margin: 0 }
dd time { color: inherit; font-size: inherit }
pre { white-space: pre-wrap; margin: 0; padding: 1rem; font-size: .9rem; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem }
iframe { display: block; width: 100%; height: 70vh; resize: vertical; border: 1px solid var(--line); border-radius: .4rem; background: #fff }
a:focus-visible, iframe:focus-visible { outline: 3px solid; outline-offset: 2px }
@media (max-width: 36rem) { .mails li, dl { grid-template-columns: 1fr } .mails time { order: 1 } dl { gap: 0 } dd { margin-bottom: .5rem } }
`

function page(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
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
    (mail) => html`<li><a href="/mail/${mail.id}" dir="auto">${subjectOf(mail)}</a>
${arrival(mail)}
<p class="dim"><bdi>${plainText(mail.from || mail.sender || '<>')}</bdi> to <bdi>${shortList(mail.recipients)}</bdi>${mail.protection ? ` · ${mail.protection}` : ''}</p></li>
`,
  )
  const list = html`<ol class="mails">
${rows}</ol>
${older === null ? '' : html`<p><a href="/?before=${older}">Older mail</a></p>`}`
  return page(
    'Local mailbox',
    html`<header><h1>Local mailbox</h1><a href="/">Refresh</a></header>
<main>
<p class="dim">This mailbox plays the relay: whatever Postern sends ends here, nothing leaves this machine.</p>
${mails.length === 0 ? html`<p>No mail yet. Send one with the curl that npm start has printed.</p>` : list}
</main>`,
  )
}

export function mailPage(mail: ArrivedMail, content: Email): string {
  const hidden = hiddenRecipients(mail.recipients, content)
  const protection = protectionOf(content)
  const { from, to, cc, replyTo } = content
  const fields: [string, string | undefined][] = [
    ['From', from && addressText(from)],
    ['To', to?.map(addressText).join(', ')],
    ['Cc', cc?.map(addressText).join(', ')],
    ['Reply-To', replyTo?.map(addressText).join(', ')],
    ['Date', content.headers.find(({ key }) => key === 'date')?.value],
    ['Message-ID', content.messageId],
    ['Protection', protection?.label],
    ['Envelope sender', mail.sender || '<>'],
    ['Envelope recipients', mail.recipients.join(', ')],
    ['Only in the envelope', hidden.join(', ')],
  ]
  return page(
    `${subjectOf(mail)} – local mailbox`,
    html`<header><h1 dir="auto">${subjectOf(mail)}</h1><a href="/">All mail</a></header>
<main>
<dl>
${fields.map(([name, value]) => (value ? html`<dt>${name}</dt><dd><bdi>${plainText(value)}</bdi></dd>\n` : ''))}<dt>Arrived</dt><dd>${arrival(mail)} <small>on ${mail.route}</small></dd>
</dl>
${protection?.encrypted ? '' : bodies(mail, content)}
${protection && openingOf(mail, protection)}
${attachmentList(mail, content)}
<p><a href="/mail/${mail.id}/source">Source</a> <a href="/mail/${mail.id}/source" download="${mail.id}.eml">Download</a> <small>${mail.size} octets, as they came</small></p>
</main>`,
  )
}

function bodies(mail: ArrivedMail, content: Email): Part {
  const rich = content.html
    ? html`<h2>HTML</h2>
<iframe src="/mail/${mail.id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox" title="The mail's HTML"></iframe>
<p><a href="/mail/${mail.id}/html">Open it alone</a> <small>Scripts and remote pictures stay out.</small></p>`
    : ''
  const text = content.text?.trim()
    ? html`<h2 id="text">Text</h2>
<pre dir="auto" aria-labelledby="text">${content.text}</pre>`
    : ''
  return rich || text ? [rich, text] : html`<p class="dim">This mail has no text.</p>`
}

function openingOf({ id }: ArrivedMail, { encrypted, opens }: Protection): Part {
  const what = encrypted
    ? 'Only its recipients can read it; this mailbox has no keys.'
    : 'This mailbox does not verify signatures.'
  const how =
    opens &&
    html` Download it, and with your keys:</p>
<pre>${opens(`${id}.eml`)}</pre>`
  return html`<p class="dim">${what}${how || html`</p>`}`
}

function attachmentList(mail: ArrivedMail, { attachments }: Email): Part {
  if (attachments.length === 0) return ''
  const items = attachments.map(
    ({ filename, mimeType }, i) =>
      html`<li><a href="/mail/${mail.id}/attachments/${i}" download><bdi>${fileName(filename, i)}</bdi></a> <small>${mimeType}</small></li>\n`,
  )
  return html`<h2>Attachments</h2>
<ul>
${items}</ul>`
}

function subjectOf({ subject }: ArrivedMail): string {
  return plainText(subject.trim()) || '(no subject)'
}

function arrival({ received_at }: ArrivedMail): Markup {
  return html`<time datetime="${received_at}">${received_at.slice(0, 19).replace('T', ' ')} UTC</time>`
}
