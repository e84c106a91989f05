/** The delivery log on the console: one JSON line per attempt, addresses as a keyed hash where the settings say so. */

import { createHmac } from 'node:crypto'
import type { AttemptRecord } from '../domain/attempt.ts'

export interface DeliveryLog {
  /** `sender` is the envelope's: a reply may repeat it. */
  attempt(record: AttemptRecord, sender: string): void
  line(line: Record<string, unknown>): void
}

/** `hashKey` null writes addresses as they are. */
export function consoleLog(
  hashKey: Uint8Array | null,
  write: (line: string) => void = console.log,
): DeliveryLog {
  return {
    attempt(record, sender) {
      const line = JSON.stringify({ type: 'attempt', ...record })
      if (hashKey === null) return write(line)
      const addresses = [sender, ...record.recipients.map(({ address }) => address)]
      write(addresses.reduce((text, address) => hidden(text, address, hashKey), line))
    },
    line: (line) => write(JSON.stringify(line)),
  }
}

/** Replaces an address wherever it stands, in replies too, whatever its case there. */
function hidden(text: string, address: string, key: Uint8Array): string {
  if (address === '') return text
  const written = JSON.stringify(address).slice(1, -1)
  const pattern = new RegExp(written.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
  return text.replace(pattern, addressHash(address, key))
}

/** `h:` and 128 bits of HMAC-SHA-256 over the address in lower case, hex: the same address is the same word. */
export function addressHash(address: string, key: Uint8Array): string {
  const digest = createHmac('sha256', key).update(address.toLowerCase()).digest('hex')
  return `h:${digest.slice(0, 32)}`
}
