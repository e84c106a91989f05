/** HMAC schemes of sources that sign the body and nothing else, no time either. */

import type { HmacSource } from './source.ts'

const BODY_ALONE = {
  type: 'hmac',
  algorithm: 'sha256',
  content: '{body}',
  timestamp_header: null,
  timestamp_unit: 'seconds',
  tolerance: 0,
} as const

/** `X-Hub-Signature-256`, of GitHub and Meta. */
export const HUB_SIGNATURE: HmacSource = {
  ...BODY_ALONE,
  header: 'x-hub-signature-256',
  encoding: 'hex',
  prefix: 'sha256=',
}

/** `X-Shopify-Hmac-SHA256`, with the client secret of the app. */
export const SHOPIFY: HmacSource = {
  ...BODY_ALONE,
  header: 'x-shopify-hmac-sha256',
  encoding: 'base64',
  prefix: '',
}
