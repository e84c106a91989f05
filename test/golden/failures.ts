/** Failures as relays bring them about, one or more for every rule: what the golden table is made from. */

import type { Failure } from '../../src/domain/failure.ts'
import type { FailureContext } from '../../src/domain/outcome-rule.ts'
import type { Reply } from '../../src/domain/reply.ts'

export interface Case {
  failure: Failure
  context?: Omit<FailureContext, 'dotSent'>
}

/** `550 5.1.1 No such user` as a reply. */
export function reply(line: string): Reply {
  const match = /^(\d{3})(?: ([245]\.\d+\.\d+))? ?(.*)$/.exec(line)
  if (!match) throw new Error(`no reply: ${line}`)
  const [, code, enhanced, text = ''] = match
  return { code: Number(code), ...(enhanced && { enhanced }), text }
}

const at = (step: Failure['step'], cause: Failure['cause'], detail?: string): Case => ({
  failure: { step, cause, ...(detail && { detail }) },
})
const said = (step: Failure['step'], line: string, context?: Case['context']): Case => ({
  failure: { step, cause: 'reply', reply: reply(line) },
  ...(context && { context }),
})

/** Before the last octets left. */
export const BEFORE_DOT: Case[] = [
  at('connect', 'config'),
  at('connect', 'connect_failed', 'dns_nxdomain'),
  at('connect', 'connect_failed', 'dns_temp'),
  at('connect', 'connect_failed'),
  at('connect', 'closed'),
  at('greeting', 'closed'),
  at('connect', 'timeout'),
  at('greeting', 'timeout'),
  at('greeting', 'protocol', 'not_smtp'),
  said('greeting', '421 4.3.2 Service shutting down'),
  said('greeting', '450 4.7.1 Try again later'),
  said('greeting', '554 5.7.1 No service for you'),
  said('greeting', '521 This host takes no mail'),
  said('ehlo', '500 Command unrecognized'),
  said('ehlo', '502 5.5.1 Not implemented'),
  said('ehlo', '501 5.5.4 Syntactically invalid EHLO argument'),
  said('ehlo', '550 5.7.1 Helo command rejected: host not found'),
  said('ehlo', '421 4.3.2 Too many connections'),
  said('ehlo', '451 4.3.0 Try again later'),
  at('ehlo', 'closed'),
  at('ehlo', 'timeout'),
  said('ehlo', '530 5.7.0 Must authenticate'),
  said('ehlo', '554 5.7.1 Go away'),
  at('starttls', 'not_offered', 'starttls'),
  { failure: { step: 'starttls', cause: 'not_offered', detail: 'starttls', possible_strip: true } },
  said('starttls', '454 4.7.0 TLS not available'),
  said('starttls', '502 5.5.1 Not implemented'),
  at('starttls', 'protocol', 'starttls_injection'),
  at('starttls', 'protocol', 'unexpected_reply'),
  at('starttls', 'timeout'),
  at('tls', 'tls_failed', 'timeout'),
  at('tls', 'tls_failed', 'certificate'),
  at('ehlo', 'tls_failed', 'closed'),
  at('auth', 'not_offered', 'auth'),
  said('auth', '535 5.7.8 Authentication credentials invalid'),
  said('auth', '535 Incorrect authentication data'),
  said('auth', '538 5.7.11 Encryption required'),
  said('auth', '503 5.5.1 Error: authentication not enabled'),
  said('auth', '550 5.7.1 Account disabled'),
  said('auth', '534 5.7.9 Application-specific password required'),
  said('auth', '432 4.7.12 A password transition is needed'),
  said('auth', '454 4.7.0 Temporary authentication failure'),
  said('auth', '421 4.7.0 Too many login attempts'),
  at('auth', 'closed'),
  at('auth', 'timeout'),
  at('auth', 'protocol', 'auth_challenge'),
  at('auth', 'token_refused', '400 invalid_grant'),
  at('auth', 'token_failed', 'timeout'),
  at('auth', 'protocol', 'auth_unproven'),
  at('auth', 'not_offered', 'auth_rounds'),
  said('auth', '504 5.5.4 Unrecognized authentication type', { mechanismsLeft: true }),
  said('auth', '504 5.5.4 Unrecognized authentication type'),
  said('mail', '451 4.3.0 Try again later'),
  said('mail', '421 4.7.0 Closing'),
  said('mail', '452 4.3.1 Insufficient system storage'),
  said('mail', '552 5.3.4 Message size exceeds fixed limit'),
  at('mail', 'not_offered', 'size'),
  said('mail', '550 5.1.8 Sender address rejected: domain not found'),
  said('mail', '553 5.7.1 Sender address rejected: not owned by user'),
  said('mail', '501 5.1.7 Bad sender address syntax'),
  said('mail', '555 5.5.4 Unsupported option: BODY', { optionalParameters: true }),
  said('mail', '555 5.5.4 Unsupported option'),
  said('mail', '500 Syntax error'),
  at('mail', 'not_offered', 'smtputf8'),
  at('mail', 'not_offered', 'requiretls'),
  at('mail', 'not_offered', '8bitmime'),
  said('mail', '530 5.7.0 Authentication Required'),
  said('mail', '530 5.7.0 Authentication Required', { authenticated: false }),
  at('mail', 'closed'),
  at('mail', 'timeout'),
  at('mail', 'protocol', 'early_reply'),
  said('rcpt', '550 5.1.1 No such user'),
  said('rcpt', '554 5.7.1 Relay access denied'),
  said('rcpt', '450 4.7.1 Greylisted'),
  said('rcpt', '421 4.7.0 Too many errors'),
  said('rcpt', '452 4.5.3 Too many recipients'),
  said('rcpt', '552 Too many recipients'),
  said('rcpt', '550 5.4.5 Daily user sending limit exceeded'),
  said('rcpt', '503 5.5.1 Need MAIL command'),
  at('rcpt', 'closed'),
  said('data', '451 4.3.0 Try again later'),
  said('data', '554 5.5.1 No valid recipients'),
  said('data', '503 5.5.1 Need RCPT command'),
  at('data', 'timeout'),
  at('body', 'closed'),
  at('body', 'timeout'),
  said('body', '451 4.3.0 Disk full'),
  said('body', '554 5.6.0 Message contains bare LF'),
  said('body', '250 2.0.0 Ok'),
  at('body', 'aborted', 'canceled'),
  { failure: { step: 'mail', cause: 'closed', reused_first: true } },
  { failure: { step: 'mail', cause: 'reply', reply: reply('421 4.4.2 Idle'), reused_first: true } },
  at('rset', 'closed'),
  at('noop', 'timeout'),
  said('rset', '500 Syntax error'),
  said('mail', '550 5.7.60 Client does not have permissions to send as this sender'),
  said('mail', '550 5.7.1 Rejected by policy', { sameRefusals: 5 }),
  at('quit', 'closed'),
  said('quit', '500 What'),
]

/** From the last octets on. */
export const AFTER_DOT: Case[] = [
  said('data_end', '451 4.7.1 Try again later'),
  said('data_end', '452 4.3.1 Insufficient system storage'),
  said('data_end', '554 5.7.1 Message rejected as spam'),
  said('data_end', '554 5.7.0 Reject, spam'),
  said('data_end', '552 5.3.4 Message too big'),
  said('data_end', '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException'),
  said('data_end', '530 5.7.0 Authentication Required'),
  said('data_end', '503 5.5.1 Out of sequence'),
  said('data_end', '421 4.4.2 Closing'),
  said('data_end', '354 Go on'),
  at('data_end', 'closed'),
  at('data_end', 'timeout'),
  at('data_end', 'protocol', 'bad_reply'),
  at('data_end', 'aborted', 'eviction'),
  at('body', 'closed'),
]
