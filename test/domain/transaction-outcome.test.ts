import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Failure } from '../../src/domain/failure.ts'
import {
  commandOf,
  settleTransaction,
  type TransactionFacts,
} from '../../src/domain/transaction-outcome.ts'
import { reply } from '../golden/failures.ts'

const OK = '250 2.1.5 Ok'

/** Recipients a, b, c … with the replies to their RCPT; an empty line is a reply that was never read. */
function transaction(rcpt: string[], rest: Partial<TransactionFacts> = {}): TransactionFacts {
  const recipients = rcpt.map((line, index) => ({
    address: `${String.fromCharCode(97 + index)}@example.net`,
    ...(line !== '' && { reply: reply(line) }),
  }))
  return { recipients, dotSent: false, tooMany: [], ...rest }
}

const settle = (facts: TransactionFacts, context = {}) =>
  settleTransaction(facts, context).recipients.map(({ state, rule, at_once }) =>
    [state, rule, ...(at_once ? ['at once'] : [])].join(' '),
  )

const failed = (step: Failure['step'], line: string): Failure => ({
  step,
  cause: 'reply',
  reply: reply(line),
})

describe('settleTransaction', () => {
  test('a positive end relays those whom RCPT accepted', () => {
    const facts = transaction([OK, OK], {
      end: reply('250 2.0.0 Ok: queued as 4Xy'),
      dotSent: true,
    })
    const outcome = settleTransaction(facts, {})
    expect(outcome.relayed).toBe(true)
    expect(outcome.transaction?.rule).toBe(37)
    expect(outcome.recipients[0]).toMatchObject({
      address: 'a@example.net',
      state: 'relayed',
      rule: 37,
      reply: { code: 250, enhanced: '2.1.5', command: 'RCPT', text: 'Ok' },
    })
  })

  test('mixed recipients settle one by one; accepted ones are never tried again', () => {
    const facts = transaction([OK, '550 5.1.1 No such user', '450 4.2.1 Later'], {
      end: reply('250 2.0.0 Ok'),
      dotSent: true,
    })
    expect(settle(facts)).toEqual(['relayed 37', 'bounced 29', 'deferred 29'])
    expect(settleTransaction(facts, {}).relayed).toBe(true)
  })

  test('refused recipients settle at once though the outcome of the rest is unknown', () => {
    const facts = transaction([OK, '550 5.1.1 No such user', '450 4.2.1 Later'], {
      failure: { step: 'data_end', cause: 'closed' },
      dotSent: true,
    })
    expect(settle(facts)).toEqual(['unknown 40', 'bounced 29', 'deferred 29'])
  })

  test('everybody refused: nothing after RCPT counts, not even a reply to a lone dot (33)', () => {
    const facts = transaction(['550 5.1.1 No', '550 5.1.1 No'], {
      end: reply('250 2.0.0 Ok: queued as nothing'),
      dotSent: true,
    })
    const outcome = settleTransaction(facts, {})
    expect(settle(facts)).toEqual(['bounced 30', 'bounced 30'])
    expect([outcome.relayed, outcome.transaction]).toEqual([false, undefined])
    const refusedData = transaction(['550 5.1.1 No'], { failure: failed('data', '503 5.5.1 No') })
    expect(settle(refusedData)).toEqual(['bounced 30'])
  })

  test('after a refused MAIL the replies to RCPT are consequences', () => {
    const facts = transaction(['503 5.5.1 Need MAIL', '550 5.1.1 No such user'], {
      failure: failed('mail', '451 4.3.0 Try again later'),
    })
    expect(settle(facts)).toEqual(['deferred 23', 'deferred 23'])
  })

  test('too many: the rest goes at once in a new transaction', () => {
    const facts = transaction([OK, '452 4.5.3 Too many', ''], {
      end: reply('250 2.0.0 Ok'),
      dotSent: true,
      tooMany: ['b@example.net', 'c@example.net'],
    })
    expect(settle(facts)).toEqual(['relayed 37', 'queued 32 at once', 'queued 32 at once'])
  })

  test('too many with nobody accepted waits, or it would go round for ever', () => {
    expect(settle(transaction(['452 4.5.3 Too many']))).toEqual(['deferred 31'])
    const lost = transaction([OK, ''], {
      failure: { step: 'data', cause: 'closed' },
      tooMany: ['b@example.net'],
    })
    expect(settle(lost)).toEqual(['deferred 46', 'deferred 46'])
  })

  test('too many waits with the rest where nobody got anything, lost or refused', () => {
    const tooMany = ['b@example.net']
    const lost: Failure = { step: 'body', cause: 'closed' }
    const many = transaction([OK, '452 4.5.3 Too many'], { failure: lost, tooMany })
    expect(settle(many)).toEqual(['deferred 35', 'deferred 35'])
    const refused = transaction(['550 5.1.1 No such user', '452 4.5.3 Too many'], { tooMany })
    expect(settle(refused)).toEqual(['bounced 29', 'deferred 29'])
  })

  test('one who was never answered is not one who was refused', () => {
    const lost: Failure = { step: 'rcpt', cause: 'closed' }
    const facts = transaction(['550 5.1.1 No such user', ''], { failure: lost })
    expect(settle(facts)).toEqual(['bounced 29', 'deferred 46'])
    expect(settleTransaction(facts, {}).transaction?.row).toBe('connection_lost')
  })

  test('where all were refused that the relay may be asked for, the rest goes at once', () => {
    const tooMany = ['b@example.net', 'c@example.net']
    const refused = transaction(['550 5.1.1 No such user', '', ''], { tooMany })
    expect(settle(refused)).toEqual(['bounced 30', 'queued 32 at once', 'queued 32 at once'])
    expect(settleTransaction(refused, {}).transaction).toBeUndefined()
    const put = transaction(['450 4.7.1 Later', '', ''], { tooMany })
    expect(settle(put)).toEqual(['deferred 31', 'queued 32 at once', 'queued 32 at once'])
  })

  test('what was not sent to because of too many is known though the rest is not', () => {
    const facts = transaction([OK, '452 4.5.3 Too many'], {
      failure: { step: 'data_end', cause: 'timeout' },
      dotSent: true,
      tooMany: ['b@example.net'],
    })
    expect(settle(facts)).toEqual(['unknown 40', 'queued 32 at once'])
  })

  test('a 421 to RCPT puts off whoever had no verdict', () => {
    const facts = transaction(['550 5.1.1 No such user', OK, '', ''], {
      failure: failed('rcpt', '421 4.7.0 Too many errors'),
    })
    expect(settle(facts)).toEqual(['bounced 29', 'deferred 31', 'deferred 31', 'deferred 31'])
  })

  test('the idle close of a reused session is no attempt, once', () => {
    const facts = transaction([''], {
      failure: { step: 'mail', cause: 'closed', reused_first: true },
    })
    expect(settle(facts)).toEqual(['queued 44 at once'])
    expect(settle(facts, { atOnceSpent: true })).toEqual(['deferred 44'])
  })

  test('a refused account fails nobody', () => {
    const facts = transaction([OK], {
      end: reply('550 5.4.5 Daily user sending limit exceeded'),
      dotSent: true,
    })
    const outcome = settleTransaction(facts, {})
    expect(outcome.recipients[0]?.state).toBe('deferred')
    expect(outcome.transaction).toMatchObject({
      rule: 45,
      pauses_relay: true,
      alarm: 'relay.quota',
    })
  })

  test('mails refused alike make it the account, not a recipient with a verdict of its own', () => {
    const facts = transaction([OK, '550 5.1.1 No such user', '554 5.7.1 Not for you'], {
      end: reply('554 5.7.1 Policy says no'),
      dotSent: true,
    })
    expect(settle(facts, { sameRefusals: 5 })).toEqual(['deferred 45', 'bounced 29', 'bounced 29'])
  })

  test('a recipient whose own reply was never read is not taken for relayed', () => {
    const facts = transaction([OK, ''], { end: reply('250 2.0.0 Ok'), dotSent: true })
    expect(settle(facts)).toEqual(['relayed 37', 'unknown 40'])
  })

  test('the last octets left and nothing is said: unknown, whatever the session made of it', () => {
    expect(settle(transaction([OK], { dotSent: true }))).toEqual(['unknown 40'])
  })

  test('neither an end nor a failure is no SMTP', () => {
    expect(settle(transaction([OK]))).toEqual(['deferred 7'])
  })

  test('before MAIL was taken no reply to RCPT counts', () => {
    for (const step of ['rset', 'noop', 'mail'] as const) {
      const facts = transaction(['550 5.1.1 No such user'], { failure: { step, cause: 'closed' } })
      expect([step, settle(facts)[0]?.startsWith('bounced')]).toEqual([step, false])
    }
  })

  test('different codes of one kind are not mixed', () => {
    expect(settle(transaction(['550 5.1.1 No', '554 5.7.1 No']))).toEqual([
      'bounced 30',
      'bounced 30',
    ])
  })

  test('of mixed recipients only plain refusals are rule 29', () => {
    const end = { end: reply('250 2.0.0 Ok'), dotSent: true }
    expect(settle(transaction([OK, '550 5.4.5 Daily limit exceeded'], end))).toEqual([
      'relayed 37',
      'deferred 45',
    ])
    expect(settle(transaction(['452 4.5.3 Too many', OK], end))).toEqual([
      'queued 32 at once',
      'relayed 37',
    ])
    expect(settle(transaction(['452 4.5.3 Too many', '550 5.1.1 No']))).toEqual([
      'deferred 29',
      'bounced 29',
    ])
  })

  test('a recipient is refused in the light of the session', () => {
    const facts = transaction(['530 5.7.0 Authentication required'])
    expect(settle(facts, { authenticated: false })).toEqual(['deferred 18'])
    expect(settle(facts, { authenticated: true })).toEqual(['deferred 45'])
  })

  test('the reply that decided is kept, with the command it answers', () => {
    const replies = (facts: TransactionFacts) =>
      settleTransaction(facts, {}).recipients.map(({ reply: said }) =>
        said ? `${said.command} ${said.code} ${said.text}` : said,
      )
    expect(replies(transaction([OK, ''], { failure: failed('data', '451 4.3.0 Later') }))).toEqual([
      'DATA 451 Later',
      'DATA 451 Later',
    ])
    expect(replies(transaction([OK], { failure: { step: 'data', cause: 'closed' } }))).toEqual([
      undefined,
    ])
    const many = { dotSent: true, tooMany: ['b@example.net', 'c@example.net'] }
    const end = { ...many, end: reply('250 2.0.0 Queued') }
    expect(replies(transaction([OK, '452 4.5.3 Too many', '', '550 5.1.1 No'], end))).toEqual([
      'RCPT 250 Ok',
      'RCPT 452 Too many',
      undefined,
      'RCPT 550 No',
    ])
    expect(replies(transaction([OK], { end: reply('554 5.6.0 Bad'), dotSent: true }))).toEqual([
      'DATA_END 554 Bad',
    ])
  })

  test('steps by the names of their commands', () => {
    const steps = [
      'connect',
      'greeting',
      'ehlo',
      'mail',
      'rcpt',
      'data',
      'body',
      'data_end',
    ] as const
    expect(steps.map(commandOf)).toEqual([
      'CONNECT',
      'CONNECT',
      'EHLO',
      'MAIL',
      'RCPT',
      'DATA',
      'DATA',
      'DATA_END',
    ])
  })

  test('relayed needs a positive end and a positive RCPT; every recipient is settled', () => {
    const line = fc.constantFrom('', OK, '450 4.2.1 Later', '550 5.1.1 No', '452 4.5.3 Too many')
    const end = fc.constantFrom(undefined, '250 2.0.0 Ok', '451 4.3.0 Later', '554 5.7.1 No')
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        end,
        fc.boolean(),
        (rcpt, said, dotSent) => {
          const facts = transaction(rcpt, { ...(said && { end: reply(said) }), dotSent })
          const { recipients } = settleTransaction(facts, {})
          expect(recipients.map(({ address }) => address)).toEqual(
            facts.recipients.map(({ address }) => address),
          )
          for (const [index, { state }] of recipients.entries()) {
            if (state === 'relayed') expect([said, rcpt[index]]).toEqual(['250 2.0.0 Ok', OK])
            if (state === 'unknown') expect(dotSent || said === '250 2.0.0 Ok').toBe(true)
          }
        },
      ),
    )
  })
})
