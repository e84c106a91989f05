/** Finds the row of the outcome table that a failure falls under. Stage by stage, in the order of a session. */

import { accountRefusal, refusalSignature, SAME_REFUSALS } from './account-refusal.ts'
import { type Failure, OPTIONAL_PARAMETERS } from './failure.ts'
import type { RowName } from './outcome-table.ts'
import { isPermanent, isTooMany, isTransient, isUnknownMechanism, type Reply } from './reply.ts'

/** What the row depends on besides the failure itself. */
export interface FailureContext {
  /** The last octets of the content have left, or are about to in this turn. */
  dotSent: boolean
  /** This relay offered STARTTLS before, so its absence is suspicious. */
  offeredStartTls?: boolean
  /** The session had logged in. Without a login 530 means that one is missing (rule 18). */
  authenticated?: boolean
  /** The server and the credential have another mechanism in common. */
  mechanismsLeft?: boolean
  /** The one retry without penalty was used for this delivery: the next trouble waits its turn. */
  atOnceSpent?: boolean
  /** Different mails this relay refused alike with no success between, this one included. */
  sameRefusals?: number
}

export function rowOf(failure: Failure, context: FailureContext): RowName {
  const { step, cause, reply, detail } = failure
  if (step === 'quit') return 'quit'
  if (context.dotSent) return afterLastOctets(failure, context)
  if (cause === 'config') return 'config'
  if (cause === 'aborted') return 'aborted'
  if (cause === 'token_refused') return 'oauth_rejected'
  if (cause === 'token_failed') return 'oauth_temp'
  const reused = failure.reused_first || step === 'rset' || step === 'noop'
  if (reused && (isLoss(failure) || reply?.code === 421)) return 'idle_close'
  if (cause === 'tls_failed') return tlsFailure(failure)
  if (cause === 'not_offered') return notOffered(failure, context)
  if (step === 'connect') return connectFailure(failure)
  if (step === 'starttls' && cause === 'protocol') {
    return detail === 'starttls_injection' ? 'starttls_injection' : 'protocol_error'
  }
  if (step === 'starttls' && reply) return isNegative(reply) ? 'tls_refused' : 'protocol_error'
  if (step === 'starttls' || step === 'tls') return 'tls_handshake'
  if (step === 'auth') return authFailure(failure, context)
  if (cause === 'timeout' && step === 'greeting') return 'banner_timeout'
  if (cause === 'closed' && step === 'greeting') return 'connect_refused'
  if (cause === 'closed' && step === 'ehlo') return 'ehlo_busy'
  if (isLoss(failure) && step === 'body') return 'body_interrupted'
  if (cause === 'closed') return 'connection_lost'
  if (cause === 'timeout') return 'command_timeout'
  if (!reply || !isNegative(reply)) return 'protocol_error'
  if (step === 'greeting') return isTransient(reply) ? 'banner_busy' : 'banner_refused'
  if (reply.code === 503) return 'out_of_sequence'
  if (detail === OPTIONAL_PARAMETERS) return 'parameter_refused'
  if (step === 'ehlo') return ehloRefusal(reply)
  return refusal(failure, reply, context)
}

/** B: from the last octets on, only a complete negative reply other than 421 says that the relay has not got it. */
function afterLastOctets(failure: Failure, context: FailureContext): RowName {
  const { step, cause, reply } = failure
  const complete = step === 'data_end' && cause === 'reply' && reply !== undefined
  if (!complete || reply.code === 421) return 'outcome_unknown'
  if (!isNegative(reply)) return 'outcome_unknown'
  return reply.code === 503 ? 'out_of_sequence' : refusal(failure, reply, context)
}

function connectFailure({ cause, detail }: Failure): RowName {
  if (cause === 'timeout') return 'connect_timeout'
  if (cause === 'closed') return 'connect_refused'
  if (detail === 'dns_nxdomain' || detail === 'dns_temp') return detail
  return 'connect_failed'
}

function tlsFailure({ detail }: Failure): RowName {
  return detail === 'certificate' ? 'tls_untrusted' : 'tls_handshake'
}

const MISSING: Record<string, RowName> = {
  auth: 'auth_unavailable',
  auth_rounds: 'auth_unavailable',
  smtputf8: 'smtputf8_missing',
  requiretls: 'requiretls_missing',
  '8bitmime': 'eight_bit_refused',
  size: 'too_big',
}

function notOffered({ detail = '', possible_strip }: Failure, context: FailureContext): RowName {
  if (detail === 'starttls') {
    return possible_strip || context.offeredStartTls ? 'tls_stripped' : 'tls_not_offered'
  }
  return MISSING[detail] ?? 'config'
}

function ehloRefusal(reply: Reply): RowName {
  if (isTransient(reply)) return 'ehlo_busy'
  if (reply.code === 500 || reply.code === 502) return 'ehlo_unsupported'
  if ([501, 504, 550].includes(reply.code)) return 'ehlo_name'
  return reply.code === 530 || reply.code === 538 ? 'auth_unavailable' : 'unnamed_refused'
}

/**
 * Every 5xx to AUTH that isn't about the mechanism counts as a rejected password, 503 too; whatever isn't understood
 * counts as a try. So nothing here leads to the same login on another port.
 */
function authFailure({ reply, detail }: Failure, context: FailureContext): RowName {
  if (detail === 'auth_unproven') return 'auth_unproven'
  if (!reply) return 'auth_temp'
  const { code, enhanced } = reply
  if (code === 432 || enhanced === '4.7.12') return 'auth_transition'
  if (!isPermanent(reply)) return 'auth_temp'
  if (code === 534 || enhanced === '5.7.9') return 'auth_mechanism'
  if (!isUnknownMechanism(reply)) return 'auth_rejected'
  return context.mechanismsLeft ? 'auth_next' : 'auth_unavailable'
}

/** A complete negative reply to MAIL, RCPT, DATA, the body, the end of data, RSET or NOOP. */
function refusal(failure: Failure, reply: Reply, context: FailureContext): RowName {
  const { step } = failure
  if (step === 'rset' || step === 'noop') return 'out_of_sequence'
  if (reply.code === 530 && context.authenticated === false) return 'auth_unavailable'
  const account = accountRefusal(step, reply)
  if (account) return account === 'quota' ? 'account_quota' : 'account_refused'
  const alike = (context.sameRefusals ?? 0) >= SAME_REFUSALS
  if (alike && refusalSignature(step, reply) !== undefined) return 'account_refused'
  const transient = isTransient(reply)
  if (step === 'mail') return transient ? 'mail_temp' : mailRefusal(reply)
  if (step === 'rcpt') return rcptRow(reply)
  if (step === 'data') return transient ? 'data_temp' : 'data_refused'
  if (step === 'body') return transient ? 'body_temp' : 'body_refused'
  if (transient) return 'content_temp'
  return reply.enhanced === '5.3.4' ? 'content_too_big' : 'content_refused'
}

const OF_SENDER: readonly (string | undefined)[] = ['5.1.7', '5.1.8', '5.7.1']

function mailRefusal({ code, enhanced }: Reply): RowName {
  if (code === 552 || enhanced === '5.3.4') return 'too_big'
  if (enhanced === '5.7.30') return 'requiretls_missing'
  return OF_SENDER.includes(enhanced) || [550, 553, 554].includes(code)
    ? 'sender_refused'
    : 'unnamed_refused'
}

const DENIED =
  /relay(?:ing)?\b.{0,24}\b(?:denied|not (?:permitted|allowed)|prohibited)|unable to relay/i

function rcptRow(reply: Reply): RowName {
  if (reply.code !== 421 && isTooMany(reply)) return 'too_many'
  if (isTransient(reply)) return 'rcpt_temp'
  return DENIED.test(reply.text) ? 'relaying_denied' : 'rcpt_refused'
}

function isLoss({ cause }: Failure): boolean {
  return cause === 'closed' || cause === 'timeout'
}

function isNegative(reply: Reply): boolean {
  return isTransient(reply) || isPermanent(reply)
}
