/** What a call to a trigger is: mail to be made, a question to be answered, or nothing that may be believed. Writes nothing. */

import {
  answerChallenge,
  answerGet,
  type ChallengeAnswer,
  isPing,
} from '../domain/source/challenge.ts'
import { confirmationUrl } from '../domain/source/sns-place.ts'
import {
  type Refused,
  refused,
  type SourceConfig,
  type SourceRequest,
  type Verified,
} from '../domain/source/source.ts'
import { verifySource } from '../domain/source/verify-source.ts'
import type { Outside } from '../ports/outside.ts'
import type { SnsCertificates } from '../ports/sns-certificates.ts'
import { type VerifiedSns, verifySns } from './verify-sns.ts'

export interface CallPorts {
  outside: Outside
  snsCertificates: SnsCertificates
}

export type ReceivedCall =
  | { kind: 'call'; verified: Verified }
  /** 200 with this, and no mail. */
  | { kind: 'challenge'; answer: ChallengeAnswer }
  /** 200, and no mail. */
  | { kind: 'ping' }
  | ({ kind: 'refused' } & Pick<Refused, 'reason' | 'header'>)

/** `now` in milliseconds. Nothing is asked of anybody before the call is verified, but SNS for its certificate. */
export async function receiveCall(
  request: SourceRequest,
  source: SourceConfig,
  secrets: readonly string[],
  now: number,
  ports: CallPorts,
): Promise<ReceivedCall> {
  if (request.method === 'GET') {
    const answer = await answerGet(request, source)
    return 'ok' in answer ? unbelieved(answer) : { kind: 'challenge', answer }
  }
  if (source.type === 'sns') {
    const found = await verifySns(request, source, ports.snsCertificates, now)
    return 'ok' in found ? unbelieved(found) : receiveSns(found, ports.outside)
  }
  const verdict = await verifySource(request, source, secrets, now)
  if (!verdict.ok) return unbelieved(verdict)
  const answer = answerChallenge(request, source)
  if (answer) return { kind: 'challenge', answer }
  return isPing(request, source) ? { kind: 'ping' } : { kind: 'call', verified: verdict }
}

/** A subscription is confirmed by a call back. The end of one is only heard: its `SubscribeURL` would take it back. */
async function receiveSns(
  { message, place, verified }: VerifiedSns,
  outside: Outside,
): Promise<ReceivedCall> {
  if (message.type === 'Notification') return { kind: 'call', verified }
  if (message.type === 'UnsubscribeConfirmation') return { kind: 'ping' }
  const { TopicArn = '', Token = '' } = message.fields
  const url = confirmationUrl(place, TopicArn, Token)
  if (!url) return unbelieved(refused('source.body_malformed'))
  const reply = await outside({ method: 'GET', url, maxBytes: 64 * 1024, timeoutMs: 10_000 })
  const isConfirmed = 'status' in reply && reply.status === 200
  return isConfirmed ? { kind: 'ping' } : unbelieved(refused('source.unreachable'))
}

function unbelieved({ ok: _, ...refusal }: Refused): ReceivedCall {
  return { kind: 'refused', ...refusal }
}
