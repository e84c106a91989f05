/** What SNS posts: JSON that is signed by some of its fields, and by nothing else. */

import { asJsonObject, fromBase64, type Octets } from './octets.ts'
import { type Refused, refused } from './source.ts'

export type SnsType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'

export interface SnsMessage {
  type: SnsType
  /** What is signed, and all that may be believed. */
  fields: Record<string, string>
  /** Of `Timestamp`: milliseconds since the epoch. */
  publishedAt: number
  /** `SignatureVersion` 1 is SHA-1, 2 is SHA-256; RSASSA-PKCS1-v1_5 both. */
  hash: 'SHA-1' | 'SHA-256'
  signature: Octets
  signed: string
  certificateUrl: string
}

const CONFIRMATION = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
]
const SIGNED: Record<SnsType, readonly string[]> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: CONFIRMATION,
  UnsubscribeConfirmation: CONFIRMATION,
}
/** Only these may hold line breaks or be absent: a break elsewhere would let one field be read as two. */
const FREE = 'Message'
const OPTIONAL = 'Subject'

export function readSnsMessage(body: Uint8Array): SnsMessage | Refused {
  const json = asJsonObject(body)
  const type = json?.Type
  if (!json || !isType(type)) return refused('source.body_malformed')
  const fields: Record<string, string> = {}
  for (const name of SIGNED[type]) {
    const value = Object.hasOwn(json, name) ? json[name] : undefined
    if (name === OPTIONAL && (value === undefined || value === null)) continue
    const fits = typeof value === 'string' && (name === FREE || /^[^\r\n]+$/.test(value))
    if (!fits) return refused('source.body_malformed')
    fields[name] = value
  }
  const publishedAt = Date.parse(fields.Timestamp ?? '')
  const hash = json.SignatureVersion === '1' ? 'SHA-1' : json.SignatureVersion === '2' && 'SHA-256'
  const signature = typeof json.Signature === 'string' && fromBase64(json.Signature)
  const certificateUrl = json.SigningCertURL
  if (Number.isNaN(publishedAt) || !hash || !signature || typeof certificateUrl !== 'string') {
    return refused('source.body_malformed')
  }
  const signed = Object.entries(fields)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('')
  return { type, fields, publishedAt, hash, signature, signed, certificateUrl }
}

function isType(type: unknown): type is SnsType {
  return typeof type === 'string' && Object.hasOwn(SIGNED, type)
}
