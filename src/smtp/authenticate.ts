/** AUTH (RFC 4954): one mechanism after another until one is known, and never another after a refusal. */

import { Buffer } from 'node:buffer'
import type { Failure } from '../domain/failure.ts'
import type { RelayCredential } from '../domain/relay.ts'
import { isPositive, isUnknownMechanism } from '../domain/reply.ts'
import { type Deadlines, longestLoginMs } from '../domain/settings.ts'
import type { AuthContext, CancelReason, Exchange } from './auth-mechanism.ts'
import { base64, commonMechanisms, secretsOf } from './auth-mechanisms.ts'
import { auth, authResponse } from './commands.ts'
import type { Dialogue, Script } from './dialogue.ts'
import { refusal } from './establish.ts'
import { type FullReply, toReply } from './reply-parser.ts'
import { SessionFailure } from './session-failure.ts'

export interface AuthOptions extends AuthContext {
  deadlines: Deadlines
}

/** RFC 5321 §4.5.3.1.4, without CRLF: a longer initial response is said after a challenge (RFC 4954 §4). */
const LONGEST_COMMAND = 510

/** Logs in; answers the mechanism. A mechanism the relay doesn't know gives way to the next, a refusal never does. */
export function* authenticate(
  d: Dialogue,
  offered: readonly string[],
  credential: RelayCredential,
  options: AuthOptions,
): Script<string> {
  d.cap = d.now + longestLoginMs(options.deadlines)
  d.secrets.push(...secretsOf(credential))
  let none: Failure = { step: 'auth', cause: 'not_offered', detail: 'auth' }
  for (const { name, exchange } of commonMechanisms(offered, credential, options)) {
    const { reply, answered, canceled } = yield* converse(d, name, exchange, options)
    const kept = toReply(reply)
    d.record('auth', kept)
    if (canceled === 'auth_rounds') none = { ...none, detail: canceled }
    else if (canceled) throw protocol(canceled)
    else if (isPositive(reply)) {
      if (exchange.isProven?.() === false) throw protocol('auth_unproven')
      return name
    } else if (answered || !isUnknownMechanism(reply)) throw refusal('auth', reply, kept)
    else none = { ...none, reply: kept }
  }
  throw new SessionFailure(none)
}

/** The exchange up to the reply that ends it; what is said is added to the secrets. */
function* converse(
  d: Dialogue,
  name: string,
  exchange: Exchange,
  { deadlines }: AuthOptions,
): Script<{ reply: FullReply; answered: boolean; canceled?: CancelReason }> {
  const secret = (text: string) => {
    const line = base64(text)
    d.secrets.push(line)
    return line
  }
  let initial = exchange.initial === undefined ? undefined : secret(exchange.initial)
  let command = auth(name, initial)
  if (command.line.length > LONGEST_COMMAND) command = auth(name)
  else initial = undefined
  d.command(command)
  for (let answered = false; ; answered = true) {
    const reply = yield* d.bareReply('auth', deadlines.command)
    if (reply.code !== 334) return { reply, answered }
    const answer = initial ?? exchange.respond(decode(reply.lines[0] ?? ''))
    if (typeof answer !== 'string') {
      d.command(authResponse('*'))
      const last = yield* d.bareReply('auth', deadlines.command)
      return { reply: last, answered, canceled: answer.cancel }
    }
    d.command(authResponse(initial ?? secret(answer)))
    initial = undefined
  }
}

function protocol(detail: CancelReason): SessionFailure {
  return new SessionFailure({ step: 'auth', cause: 'protocol', detail })
}

function decode(challenge: string): string {
  return Buffer.from(challenge, 'base64').toString('utf8')
}
