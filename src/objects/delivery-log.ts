/** The delivery log on the console: one JSON line per attempt, addresses as a keyed hash where the settings say so. */

import { createHmac } from 'node:crypto'
import type { AttemptRecord } from '../domain/attempt.ts'
import type { NewEvent } from '../ports/message-store.ts'

export interface DeliveryLog {
  /** `sender` is the envelope's: a reply may repeat it. */
  attempt(record: AttemptRecord, sender: string): void
  /** What happened to a message without an attempt: expired, canceled, settled by an operator. */
  event(message: string, event: NewEvent): void
  line(line: Record<string, unknown>): void
}

/** `hashKey` null writes addresses as they are. */
export function consoleLog(
  hashKey: Uint8Array | null,
  write: (line: string) => void = console.log,
): DeliveryLog {
  const writeHidden = (line: Record<string, unknown>, addresses: string[]) => {
    const text = JSON.stringify(line)
    write(hashKey === null ? text : hidden(text, addresses, hashKey))
  }
  return {
    attempt: (record, sender) =>
      writeHidden({ type: 'attempt', ...record }, [
        sender,
        ...record.recipients.map(({ address }) => address),
      ]),
    event: (message, { type, data }) => writeHidden({ type, message, ...data }, addressesIn(data)),
    line: (line) => write(JSON.stringify(line)),
  }
}

function addressesIn({ recipient, recipients }: Record<string, unknown>): string[] {
  return [recipient, recipients].flat().filter((one) => typeof one === 'string')
}

/** Replaces addresses wherever they stand, in replies too, whatever their case there; the longest first. */
function hidden(text: string, addresses: string[], key: Uint8Array): string {
  const written = [...new Set(addresses)]
    .filter((address) => address !== '')
    .sort((a, b) => b.length - a.length)
    .map((address) => JSON.stringify(address).slice(1, -1))
    .map((address) => address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (written.length === 0) return text
  const pattern = new RegExp(written.join('|'), 'gi')
  return text.replace(pattern, (found) => addressHash(JSON.parse(`"${found}"`), key))
}

/** `h:` and 128 bits of HMAC-SHA-256 over the address in lower case, hex: the same address is the same word. */
export function addressHash(address: string, key: Uint8Array): string {
  const digest = createHmac('sha256', key).update(address.toLowerCase()).digest('hex')
  return `h:${digest.slice(0, 32)}`
}
