/**
 * What a failure leads to: the outcome table's policy. (Postfix keeps such a page before its code: smtp_trouble.c.)
 *
 * Every failure has a stage and a cause, and falls under one rule, whose number goes into the log. The first digit of a
 * reply's code rules where it and the enhanced code differ. A rule says where the mail may go now (the next port of the
 * same relay, the next relay), whether the whole ladder is tried later, and whether it is over for these recipients.
 *
 * Before a mail is at stake (rules 1 to 22) nothing fails mail: a dead port, a bad certificate, a wrong password or a
 * wrong setting delays it and, where a person is needed, raises an alarm. Trouble of the path (4 to 7, 9, 10, 13 to 17)
 * goes to the next port; trouble that the relay would have on every port (1 to 3, 8, 11, 12, 18 to 22) goes to the next
 * relay. TLS is proven or nothing is said: no rule leads to clear text, and no TLS failure is ignored.
 *
 * AUTH (18 to 22): the same account on another port is the same login, so a rejected login ends the ladder of that
 * account: no other port, no second mechanism with the same secret. The credential is suspended with its own back-off.
 *
 * From MAIL on (23 to 36) a reply is a verdict on the message or on one recipient. 4xx waits, at the same relay, unless
 * that relay is set to spill over: greylisting wants it so. 5xx is final and is not shopped to another relay; only a relay that offers what was missing
 * (a larger SIZE, SMTPUTF8, REQUIRETLS, 8BITMIME) or may carry the sender is tried first, and where one that was not
 * reached could be that relay the mail waits. A refusal of our account is
 * no verdict on a message (45): the relay pauses, the mail waits. Nor is 503, or the idle close of a reused session
 * (43, 44): those are repeated at once, one time, and count as no attempt; when that was spent, they wait their turn.
 *
 * A: before the last octets leave no duplicate is possible, so nothing is ever unknown.
 * B: from then on only a complete negative reply other than 421 says that the relay hasn't got the mail. Everything else
 *    is HOLD (40): no port, no relay, no rebuilt message, nobody is told that it was relayed or failed.
 * C: each stage has its deadline; running out of it is a timeout of that stage.
 * D: a message-level 5xx (5.1.x, 5.2.x, 5.6.x, 5.7.1 on content) is never tried on another relay.
 */

import type { Failure } from './failure.ts'
import type { OutcomeRow } from './outcome-row.ts'
import { type FailureContext, rowOf } from './outcome-rule.ts'
import { isOfSetup, outcomeRow, type RowName } from './outcome-table.ts'
import type { Reply } from './reply.ts'

export type { FailureContext } from './outcome-rule.ts'

export interface Disposition extends Omit<OutcomeRow, 'event'> {
  row: RowName
  at_once: boolean
  /** Counts towards back-off. */
  counts_as_attempt: boolean
  /**
   * No relay was reached or logged in to, or it refuses our account: the time until the next try doesn't count towards
   * an unstated expiry.
   */
  unreached: boolean
  /** 421, 450 and 452 slow the relay, not only the message. */
  slow_relay: boolean
  /** What goes out next may be a duplicate. */
  may_duplicate: boolean
}

/** Pure: the same failure in the same context always leads to the same. */
export function dispose(failure: Failure, context: FailureContext): Disposition {
  return rowDisposition(rowOf(failure, context), failure.reply, context.atOnceSpent)
}

/** The disposition of a row that is already known. */
export function rowDisposition(
  row: RowName,
  reply?: Reply,
  atOnceSpent: boolean | undefined = false,
): Disposition {
  const { event: _, ...said } = outcomeRow(row)
  const { hold, pauses_relay } = said
  // Too many recipients shrinks with every transaction, so it ends by itself.
  const spent = said.retry === 'at_once' && atOnceSpent && row !== 'too_many'
  const retry = spent ? 'later' : said.retry
  const at_once = retry === 'at_once'
  return {
    ...said,
    row,
    retry,
    at_once,
    counts_as_attempt: !at_once && said.same_session === undefined,
    unreached: isOfSetup(row) || pauses_relay === true,
    slow_relay: said.retry !== 'at_once' && [421, 450, 452].includes(reply?.code ?? 0),
    may_duplicate: hold,
  }
}

/**
 * Whether the next relay of the message's list is asked now, once this one has no route left. All of the list may carry
 * the sender; whether it offers what was missing is learnt from its EHLO reply, before a single octet of the mail. Where
 * it has to be another account, whoever asks leaves the others out.
 */
export function mayTryNextRelay({ next_relay }: Disposition, spillsOver: boolean): boolean {
  return next_relay !== 'no' && (next_relay !== 'policy' || spillsOver)
}
