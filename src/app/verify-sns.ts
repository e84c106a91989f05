/** Proves that SNS sent a message of one of the topics: place, time and topic first, so that a forger makes nobody fetch anything. */

import { sha256 } from '../domain/sha256.ts'
import { type Octets, utf8 } from '../domain/source/octets.ts'
import { readSnsMessage, type SnsMessage } from '../domain/source/sns-message.ts'
import { isCertificateUrl, type SnsPlace, snsPlace } from '../domain/source/sns-place.ts'
import {
  type Refused,
  refused,
  type SourceRequest,
  type Verified,
} from '../domain/source/source.ts'
import { untimely } from '../domain/source/timely.ts'
import type { SnsCertificates } from '../ports/sns-certificates.ts'

export interface VerifiedSns {
  message: SnsMessage
  place: SnsPlace
  verified: Verified
}

export async function verifySns(
  request: SourceRequest,
  { topics, tolerance }: { topics: readonly string[]; tolerance: number },
  certificates: SnsCertificates,
  now: number,
): Promise<VerifiedSns | Refused> {
  if (request.method !== 'POST') return refused('source.method')
  const message = readSnsMessage(request.body)
  if ('ok' in message) return message
  const { fields, publishedAt, certificateUrl } = message
  const { TopicArn = '', MessageId = '' } = fields
  const place = topics.includes(TopicArn) ? snsPlace(TopicArn) : undefined
  if (!place) return refused('source.topic')
  if (!isCertificateUrl(certificateUrl, place)) return refused('source.certificate')
  const late = untimely(publishedAt, now, tolerance)
  if (late) return late
  const certificate = await certificates(certificateUrl, place.certificateNames, now)
  if ('problem' in certificate) {
    const isRefused = certificate.problem === 'refused'
    return refused(isRefused ? 'source.certificate' : 'source.unreachable')
  }
  if (!(await isSignedBy(certificate.spki, message))) return refused('source.mismatch')
  const covers = await sha256(MessageId)
  const verified: Verified = {
    ok: true,
    covers,
    proof: 'signature',
    signedAt: publishedAt,
    payload: fields,
  }
  return { message, place, verified }
}

async function isSignedBy(
  spki: Uint8Array,
  { hash, signature, signed }: SnsMessage,
): Promise<boolean> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash }
  const key = await crypto.subtle.importKey('spki', spki as Octets, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm.name, key, signature, utf8(signed))
}
