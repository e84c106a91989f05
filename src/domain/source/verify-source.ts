/** Proves who called, for every source that needs nothing but the call, the configuration and the secrets. */

import { verifyForm } from './form.ts'
import { verifyHmac } from './hmac.ts'
import { verifyBasic, verifyBearer, verifyGitLabToken } from './said-secret.ts'
import { HUB_SIGNATURE, SHOPIFY } from './schemes.ts'
import { verifySlack } from './slack.ts'
import { refused, type SourceConfig, type SourceRequest, type Verdict } from './source.ts'
import { verifyStandardWebhooks } from './standard-webhooks.ts'
import { verifyStripe } from './stripe.ts'
import { verifyTwilio } from './twilio.ts'

/** SNS signs with a key that has to be fetched. */
export type PlainSource = Exclude<SourceConfig, { type: 'sns' }>

/**
 * One of the secrets has to fit: two while one is changed for the other. `now` in milliseconds.
 * Never rejects for anything that stands in the call.
 */
export async function verifySource(
  request: SourceRequest,
  source: PlainSource,
  secrets: readonly string[],
  now: number,
): Promise<Verdict> {
  if (request.method !== 'POST') return refused('source.method')
  if (source.type === 'form') return verifyForm(request, source)
  const known = secrets.filter((secret) => secret !== '')
  if (known.length === 0) return refused('source.no_secret')
  switch (source.type) {
    case 'standard-webhooks':
      return verifyStandardWebhooks(request, source, known, now)
    case 'github':
    case 'meta':
      return verifyHmac(request, HUB_SIGNATURE, known, now)
    case 'stripe':
      return verifyStripe(request, source, known, now)
    case 'slack':
      return verifySlack(request, source, known, now)
    case 'shopify':
      return verifyHmac(request, SHOPIFY, known, now)
    case 'gitlab':
      return source.by === 'token'
        ? verifyGitLabToken(request, known)
        : verifyStandardWebhooks(request, source, known, now)
    case 'twilio':
      return verifyTwilio(request, source, known)
    case 'hmac':
      return verifyHmac(request, source, known, now)
    case 'basic':
      return verifyBasic(request, known)
    case 'bearer':
      return verifyBearer(request, source, known)
  }
}
