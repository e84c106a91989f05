/** For each recipe what its service posts as a sample, and how it proves itself. */

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { ROOT } from '../../local/paths.ts'

export interface RecipeCall {
  recipe: string
  /** What is given beside the recipe and the mailboxes. */
  given: { secret?: string; origins?: string[]; redirect?: string }
  body: string
  /** Headers of a call with this body at this time, in seconds. */
  headers(secret: string, body: string, now: number): Record<string, string>
}

const hmac = (secret: string, text: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', secret).update(text).digest(encoding)
const sample = (name: string) => readFileSync(join(ROOT, 'test/fixtures/webhooks', name), 'utf8')

const JSON_TYPE = { 'Content-Type': 'application/json' }
const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' }
const bearer = (secret: string) => ({ ...JSON_TYPE, Authorization: `Bearer ${secret}` })
export const PAGE = 'https://www.example.com'

export const RECIPE_CALLS: RecipeCall[] = [
  {
    recipe: 'github-issue',
    given: {},
    body: sample('github-issues-opened.json'),
    headers: (secret, body) => ({
      ...JSON_TYPE,
      'X-GitHub-Event': 'issues',
      'X-Hub-Signature-256': `sha256=${hmac(secret, body)}`,
    }),
  },
  {
    recipe: 'stripe-payment-failed',
    given: { secret: 'whsec_of-the-endpoint-0001' },
    body: sample('stripe-payment-intent-payment-failed.json'),
    headers: (secret, body, now) => ({
      ...JSON_TYPE,
      'Stripe-Signature': `t=${now},v1=${hmac(secret, `${now}.${body}`)}`,
    }),
  },
  {
    recipe: 'contact-form',
    given: { origins: [PAGE], redirect: `${PAGE}/thanks` },
    body: 'name=Ada+%3Cb%3E&email=ada%40example.org&message=Hello%0D%0A%3Cb%3Eyou%3C%2Fb%3E&website=',
    headers: () => ({ ...FORM_TYPE, Origin: PAGE }),
  },
  {
    recipe: 'alertmanager',
    given: {},
    body: sample('alertmanager-firing.json'),
    headers: bearer,
  },
  { recipe: 'grafana', given: {}, body: sample('grafana-firing.json'), headers: bearer },
  { recipe: 'uptime-kuma', given: {}, body: sample('uptime-kuma-down.json'), headers: bearer },
  {
    recipe: 'sentry',
    given: { secret: 'client-secret-of-the-integration' },
    body: sample('sentry-issue-alert.json'),
    headers: (secret, body, now) => ({
      ...JSON_TYPE,
      'Sentry-Hook-Resource': 'event_alert',
      'Sentry-Hook-Timestamp': `${now}`,
      'Sentry-Hook-Signature': hmac(secret, body),
    }),
  },
  {
    recipe: 'shopify-order',
    given: { secret: 'shpss_of-the-shop-000001' },
    body: sample('shopify-order.json'),
    headers: (secret, body) => ({
      ...JSON_TYPE,
      'X-Shopify-Topic': 'orders/create',
      'X-Shopify-Hmac-SHA256': hmac(secret, body, 'base64'),
    }),
  },
  {
    recipe: 'slack-command',
    given: { secret: 'signing-secret-of-the-app' },
    body: sample('slack-slash-command.txt').trim(),
    headers: (secret, body, now) => ({
      ...FORM_TYPE,
      'X-Slack-Request-Timestamp': `${now}`,
      'X-Slack-Signature': `v0=${hmac(secret, `v0:${now}:${body}`)}`,
    }),
  },
  {
    recipe: 'json-to-table',
    given: {},
    body: JSON.stringify([
      { host: 'db1', ok: true, note: '<b>&</b>', sizes: { data: [1, 2] } },
      { host: 'db2', ok: false },
    ]),
    headers: bearer,
  },
]

export const MAILBOXES = { from: 'Postern <postern@example.com>', to: ['team@example.com'] }

/** A mail as its reader sees it: what test/golden/recipes holds of each recipe. */
export async function readerSees(octets: string | Uint8Array): Promise<string> {
  const { subject, text, html, replyTo, headers } = await PostalMime.parse(octets)
  const header = (name: string) => headers.find(({ key }) => key === name)?.value
  const lines = [
    `From: ${header('from')}`,
    `To: ${header('to')}`,
    ...(replyTo?.[0] ? [`Reply-To: ${replyTo[0].address}`] : []),
    `Subject: ${subject}`,
    `Auto-Submitted: ${header('auto-submitted')}`,
  ]
  const parts = [lines.join('\n'), text?.trimEnd(), html?.trimEnd()].filter(Boolean)
  return `${parts.join('\n\n--------\n\n')}\n`
}
