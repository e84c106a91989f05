/** Which relays may carry a message, in the order they are tried. */

import { matchesAnyAddress } from '../domain/address-pattern.ts'
import { type Bound, mayUseRelay } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import type { StoredRelay } from '../domain/relay.ts'
import { relaysFor } from '../domain/relay-match.ts'
import type { Violations } from './violations.ts'

export interface RelayChoice {
  /** All relays there are. */
  relays: StoredRelay[]
  submitter: Bound
  /** Header From's address: what a relay's `senders` are matched with. */
  from: string
  pinned: string | null
}

/** Checks a pinned relay as part of the request; the rest waits for `chooseRelays`. */
export function checkPinnedRelay(violations: Violations, choice: RelayChoice): void {
  const { pinned, from } = choice
  if (pinned === null || violations.at('/relay')) return
  const relay = choice.relays.find(({ id }) => id === pinned)
  if (!relay) violations.add('/relay', 'relay.unknown', 'there is no relay of this name')
  else if (from !== '' && !matchesAnyAddress(relay.senders, from)) {
    violations.add('/relay', 'relay.sender', `does not carry ${from}: see the relay's senders`)
  }
}

/** Names in order of priority. Throws `relay.none` where there is none. */
export function chooseRelays(choice: RelayChoice, origin: string): string[] {
  const { relays, submitter, from, pinned } = choice
  const usable = relays.filter(
    ({ id }) => (pinned === null || id === pinned) && mayUseRelay(submitter, id),
  )
  const fit = relaysFor(from, usable)
  if (fit.length === 0) throw new PosternError('relay.none', howToAddOne(choice, origin))
  return fit.map(({ id }) => id)
}

function howToAddOne({ relays, from, submitter }: RelayChoice, origin: string): string {
  const domain = from.slice(from.lastIndexOf('@') + 1)
  const bound = submitter.key?.relays ? ' that this key may use' : ''
  const why = relays.length === 0 ? 'There is no relay yet.' : `No relay${bound} carries ${from}.`
  const relay = {
    host: `smtp.${domain}`,
    auth: { user: '…', password: '…' },
    senders: [`*@${domain}`],
  }
  return (
    `${why} Add one: curl -X PUT ${origin}/v1/relays/primary -H 'Authorization: Bearer …' ` +
    `-H 'Content-Type: application/json' -d '${JSON.stringify(relay)}'`
  )
}
