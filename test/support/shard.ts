/** A shard's outbox over its real SQL, without sockets; what was asked of it is recorded. */

import type { Clock } from '../../src/ports/clock.ts'
import type { OutboxRpc } from '../../src/ports/outbox.ts'
import { readUnpublished } from '../../src/storage/outbox-index.ts'
import { outboxLedger } from '../../src/storage/outbox-ledger.ts'
import { OUTBOX_SCHEMA } from '../../src/storage/outbox-schema.ts'
import { migrate, type Sql } from '../../src/storage/sql.ts'
import { nodeSql } from './node-sql.ts'

export interface Shard {
  rpc: OutboxRpc
  sql: Sql
  /** Names of the calls in order. */
  calls: string[]
  /** What the index would be told. */
  rows(): ReturnType<typeof readUnpublished>[number]['row'][]
  /** Answers the named call otherwise, once; a thrown error is a broken connection. */
  once<Name extends keyof OutboxRpc>(name: Name, answer: OutboxRpc[Name]): void
}

export function openShard(clock: Clock): Shard {
  const sql = nodeSql()
  migrate(sql, OUTBOX_SCHEMA)
  const ledger = outboxLedger(sql)
  const calls: string[] = []
  const others = new Map<string, unknown>()
  const unused = () => Promise.reject(new Error('not asked by any message route'))
  const rpc: OutboxRpc = {
    async stage(name, index, chunk, claim) {
      ledger.stage(name, index, chunk, claim, clock.now())
      return 'staged'
    },
    accept: async (message, claim) => ledger.accept(structuredClone(message), claim, clock.now()),
    recall: async (claim) => ledger.recall(claim, clock.now()),
    reserve: async (claim) => ledger.reserve(claim, clock.now()),
    recallCall: async (claim) => ledger.recallCall(claim, clock.now()),
    keepCall: async (claim, result) => ledger.keepCall(claim, result, clock.now()),
    read: async (id) => ledger.read(id),
    wait: async (id) => ledger.read(id),
    async content(id, copy) {
      const octets = ledger.content(id, copy)
      if (octets === null || typeof octets === 'string') return octets
      return new Blob([...octets].map((chunk) => new Uint8Array(chunk))).stream()
    },
    headers: async (id) => ledger.headers(id),
    cancel: async (id) => ledger.cancel(id, clock.now()),
    patch: async (id, patch) => ledger.reschedule(id, patch, clock.now()),
    retry: async (id, recipients, carriers) => ledger.retry(id, recipients, carriers, clock.now()),
    resolve: async (id, recipients, as) => ledger.resolve(id, recipients, as, clock.now()),
    wake: unused,
    held: unused,
    foreign: (relay, senders) => Promise.resolve(ledger.foreign(relay, senders)),
    move: unused,
    status: unused,
    sweep: unused,
  }
  return {
    sql,
    calls,
    rows: () => readUnpublished(sql, 1000).map(({ row }) => row),
    once: (name, answer) => void others.set(name, answer),
    rpc: new Proxy(rpc, {
      get(target, name: keyof OutboxRpc) {
        return (...args: never[]) => {
          calls.push(name)
          const other = others.get(name) as OutboxRpc['read'] | undefined
          others.delete(name)
          return (other ?? (target[name] as OutboxRpc['read']))(...(args as unknown as [string]))
        }
      },
    }),
  }
}
