/** What went wrong in a session, said precisely enough for the outcome table to decide. */

import type { Step } from './attempt.ts'
import type { Reply } from './reply.ts'

export type FailureCause =
  | 'reply' // a complete negative (or, where a row says so, unexpected) reply
  | 'closed' // close or reset by the peer
  | 'timeout' // our deadline
  | 'protocol' // not SMTP: bad reply, over-long line, extra or early reply, octets before TLS
  | 'connect_failed' // the socket could not be opened and the runtime doesn't say why
  | 'tls_failed' // handshake, certificate, or an EHLO that was never answered over TLS
  | 'not_offered' // an extension that is needed is not in the EHLO reply
  | 'token_refused' // OAuth: the token endpoint gives this client or grant no token
  | 'token_failed' // OAuth: no token could be had for now
  | 'aborted' // we stopped: cancel, eviction, process death
  | 'config' // our own configuration refuses to go on

export interface Failure {
  step: Step
  cause: FailureCause
  reply?: Reply
  /** `starttls`, `auth`, `smtputf8`, `size`, `8bitmime`, `requiretls`, … for `not_offered`; a short word otherwise. */
  detail?: string
  /** It hit the first command of a reused session: most likely the relay had closed it as idle. */
  reused_first?: boolean
  /** `not_offered` of something this relay offered before: somebody may be removing it. */
  possible_strip?: boolean
}

/** The detail of a MAIL refused for parameters that it can do without. */
export const OPTIONAL_PARAMETERS = 'optional_parameters'

/** A session that was over before it carried anything: an octet too many, or a close behind the login. */
export const EARLY_REPLY: Failure = { step: 'ehlo', cause: 'protocol', detail: 'early_reply' }
