/** From the first octet to proven TLS: greeting, EHLO, STARTTLS and EHLO again. */

import type { Step } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import { isPositive, type Reply } from '../domain/reply.ts'
import type { TlsMode } from '../domain/route.ts'
import type { Deadlines } from '../domain/settings.ts'
import { ehlo, STARTTLS } from './commands.ts'
import type { Dialogue, Script } from './dialogue.ts'
import { type Extensions, readExtensions } from './extensions.ts'
import { type FullReply, toReply } from './reply-parser.ts'
import { SessionFailure } from './session-failure.ts'

export interface EstablishOptions {
  tls: TlsMode
  ehloName: string
  deadlines: Deadlines
  /** This relay offered STARTTLS here before. */
  offeredBefore: boolean
}

/** A reply that isn't what was hoped for: a refusal by its code, or else no SMTP. */
export function refusal(step: Step, full: FullReply, reply: Reply = toReply(full)): SessionFailure {
  const failure: Failure =
    full.code >= 400
      ? { step, cause: 'reply', reply }
      : { step, cause: 'protocol', reply, detail: 'unexpected_reply' }
  return new SessionFailure(failure)
}

/** Ends with TLS proven by an EHLO reply, or throws. */
export function* establish(d: Dialogue, options: EstablishOptions): Script<Extensions> {
  const { tls, deadlines, offeredBefore } = options
  d.cap = d.now + deadlines.connect + deadlines.greeting + 4 * deadlines.command
  yield* d.wait('connect', 'connect', deadlines.connect)
  d.record('connect')
  if (tls === 'implicit') yield* d.wait('upgrade', 'tls', deadlines.greeting)
  const greeting = yield* d.reply('greeting', deadlines.greeting)
  if (greeting.code !== 220) throw refusal('greeting', greeting)
  if (tls === 'starttls') yield* upgrade(d, options, offeredBefore)
  const extensions = yield* hello(d, options)
  d.prove()
  return extensions
}

function* upgrade(d: Dialogue, options: EstablishOptions, offeredBefore: boolean): Script<void> {
  const { starttls } = yield* hello(d, options)
  if (!starttls) {
    throw new SessionFailure({
      step: 'starttls',
      cause: 'not_offered',
      detail: 'starttls',
      ...(offeredBefore && { possible_strip: true }),
    })
  }
  d.command(STARTTLS)
  const reply = yield* d.reply('starttls', options.deadlines.command)
  if (reply.code !== 220) throw refusal('starttls', reply)
  if (d.surplus) {
    // Whoever speaks between the 220 and TLS wants it to be taken for the relay's word over TLS (RFC 3207 §6).
    d.kill()
    throw new SessionFailure({ step: 'starttls', cause: 'protocol', detail: 'starttls_injection' })
  }
  yield* d.wait('upgrade', 'tls', options.deadlines.command)
}

function* hello(d: Dialogue, { ehloName, deadlines }: EstablishOptions): Script<Extensions> {
  d.command(ehlo(ehloName))
  const reply = yield* d.reply('ehlo', deadlines.command)
  if (!isPositive(reply)) throw refusal('ehlo', reply)
  return readExtensions(reply)
}
