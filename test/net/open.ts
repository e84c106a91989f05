/** The driver over real sockets of Node, with short deadlines. */

import { nodeDial } from '../../local/node-dial.ts'
import type { Deadlines } from '../../src/domain/settings.ts'
import { relayConnector } from '../../src/net/ladder.ts'
import type {
  LadderOptions,
  LadderResult,
  RelaySession,
  Transaction,
} from '../../src/ports/relay-session.ts'
import { makeCertificates } from '../support/certificates.ts'
import { ACCOUNT, type ScriptedRelay } from '../support/scripted-relay.ts'

export const certificates = await makeCertificates()

/** Long enough that only a peer that never answers meets them. */
export const PATIENT: Deadlines = {
  connect: 10_000,
  greeting: 10_000,
  command: 10_000,
  data: 10_000,
  body: 10_000,
  data_end: 10_000,
}

/** Sockets taken and not yet let go. */
export class Budget {
  taken = 0
  readonly #limit: number
  #idle: (() => void) | undefined

  constructor(limit = 5) {
    this.#limit = limit
  }

  readonly take = () => {
    if (this.taken >= this.#limit) return undefined
    this.taken++
    return {
      release: () => {
        this.taken--
        if (this.taken === 0) this.#idle?.()
      },
    }
  }

  /** Resolves when all were let go. */
  async emptied(): Promise<void> {
    if (this.taken > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
  }
}

export type ClimbOptions = Partial<LadderOptions> &
  Pick<LadderOptions, 'routes'> & { depth?: number; onFault?: (error: unknown) => void }

export function climb({
  depth = 1,
  onFault = unforeseen,
  ...options
}: ClimbOptions): Promise<LadderResult> {
  const connector = relayConnector(nodeDial(certificates.ca), onFault)
  return connector.climb(
    { host: 'localhost', ehlo_name: 'gw.example.com', flight_depth: depth },
    {
      deadlines: PATIENT,
      stagger: { connect: 5000, greeting: 8000 },
      takeSocket: new Budget().take,
      ...options,
    },
  )
}

function unforeseen(error: unknown): void {
  throw error
}

export async function openSession(
  relay: Pick<ScriptedRelay, 'port'>,
  options: Partial<ClimbOptions> = {},
): Promise<RelaySession> {
  const { session } = await climb({ routes: [{ port: relay.port, tls: 'implicit' }], ...options })
  const open = await session?.authenticate(ACCOUNT)
  if (!open || !('send' in open)) throw new Error(`no session: ${JSON.stringify(open)}`)
  return open
}

export function transaction(
  content: string | Uint8Array[] = 'Subject: hi\r\n\r\nhi\r\n',
  odd: Partial<Transaction> = {},
): Transaction {
  const chunks = typeof content === 'string' ? [Buffer.from(content)] : content
  return {
    sender: 'a@example.com',
    recipients: ['b@example.net'],
    size: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    needs: { smtputf8: false, eight_bit: false, require_tls: false },
    plain: false,
    oneFlight: true,
    *content() {
      yield* chunks
    },
    onLastOctets: () => true,
    onDisk: async () => {},
    ...odd,
  }
}
