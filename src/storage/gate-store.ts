/** RelayGate's SQLite: one row per route, lease and alarm, and named facts as JSON. */

import type { StoredRelay } from '../domain/relay.ts'
import type { RouteName } from '../domain/route.ts'
import type {
  AlarmState,
  CredentialState,
  DayState,
  GateStore,
  LeaseState,
  PermitState,
  RelayMemory,
  RouteState,
  TokenState,
} from '../ports/gate-store.ts'
import { migrate, type SchemaStep, type Sql } from './sql.ts'

const GATE_SCHEMA: readonly SchemaStep[] = [
  {
    version: 1,
    statements: [
      'CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT',
      'CREATE TABLE routes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT',
      `CREATE TABLE leases (
         shard TEXT PRIMARY KEY,
         incarnation TEXT NOT NULL,
         sessions INTEGER NOT NULL,
         until INTEGER NOT NULL
       ) STRICT`,
      `CREATE TABLE alarms (
         code TEXT NOT NULL,
         route TEXT NOT NULL,
         since INTEGER NOT NULL,
         detail TEXT NOT NULL,
         PRIMARY KEY (code, route)
       ) STRICT`,
    ],
  },
  {
    version: 2,
    statements: [
      'ALTER TABLE leases ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0',
      'ALTER TABLE leases ADD COLUMN since INTEGER NOT NULL DEFAULT 0',
      'ALTER TABLE leases ADD COLUMN per_second REAL NOT NULL DEFAULT 0',
      'ALTER TABLE leases ADD COLUMN messages INTEGER NOT NULL DEFAULT 0',
    ],
  },
  {
    version: 3,
    statements: [
      `UPDATE routes SET value = json_set(value, '$.interval_ms', json_extract(value, '$.interval'))`,
    ],
  },
]

const EMPTY_MEMORY: RelayMemory = {
  good_route: null,
  recovered_at: null,
  plain_mail: false,
  pause: null,
}

/** Migrates first. Throws SchemaTooNewError where a newer version wrote the database. */
export function gateStore(sql: Sql): GateStore {
  migrate(sql, GATE_SCHEMA)

  function fact<Value>(name: string): Value | null {
    const row = sql.first<{ value: string }>('SELECT value FROM facts WHERE name = ?', name)
    return row ? (JSON.parse(row.value) as Value) : null
  }
  function putFact(name: string, value: unknown): void {
    sql.run(
      'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      JSON.stringify(value),
    )
  }

  function putOrForget(name: string, value: unknown): void {
    if (value === null) sql.run('DELETE FROM facts WHERE name = ?', name)
    else putFact(name, value)
  }

  return {
    transaction: (body) => sql.transaction(body),
    relay: () => fact<StoredRelay>('relay'),
    putRelay: (relay) => putFact('relay', relay),
    memory: () => ({ ...EMPTY_MEMORY, ...fact<RelayMemory>('memory') }),
    putMemory: (memory) => putFact('memory', memory),
    day: () => fact<DayState>('day'),
    putDay: (day) => putFact('day', day),
    credential: () => fact<CredentialState>('credential'),
    putCredential: (credential) => putFact('credential', credential),
    token: () => fact<TokenState>('token'),
    putToken: (token) => putOrForget('token', token),
    permit: () => fact<PermitState>('permit'),
    putPermit: (permit) => putOrForget('permit', permit),
    routes() {
      const rows = sql.all<{ name: RouteName; value: string }>('SELECT name, value FROM routes')
      return new Map(rows.map(({ name, value }) => [name, JSON.parse(value) as RouteState]))
    },
    putRoute(route, state) {
      sql.run(
        'INSERT INTO routes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        route,
        JSON.stringify(state),
      )
    },
    deleteRoute: (route) => sql.run('DELETE FROM routes WHERE name = ?', route),
    leases: () =>
      sql.all<LeaseState>(
        'SELECT shard, incarnation, sessions, wanted, since, until, per_second, messages FROM leases',
      ),
    putLease({ shard, incarnation, sessions, wanted, since, until, per_second, messages }) {
      sql.run(
        `INSERT INTO leases (shard, incarnation, sessions, wanted, since, until, per_second, messages)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (shard) DO UPDATE SET incarnation = excluded.incarnation, sessions = excluded.sessions,
           wanted = excluded.wanted, since = excluded.since, until = excluded.until, per_second = excluded.per_second,
           messages = excluded.messages`,
        shard,
        incarnation,
        sessions,
        wanted,
        since,
        until,
        per_second,
        messages,
      )
    },
    deleteLease: (shard) => sql.run('DELETE FROM leases WHERE shard = ?', shard),
    alarms: () =>
      sql.all<AlarmState>('SELECT code, route, since, detail FROM alarms ORDER BY since, code'),
    putAlarm({ code, route, since, detail }) {
      sql.run(
        `INSERT INTO alarms (code, route, since, detail) VALUES (?, ?, ?, ?)
         ON CONFLICT (code, route) DO UPDATE SET detail = excluded.detail`,
        code,
        route,
        since,
        detail,
      )
    },
    deleteAlarm({ code, route }) {
      sql.run('DELETE FROM alarms WHERE code = ? AND route = ?', code, route)
    },
    wipe() {
      for (const table of ['facts', 'routes', 'leases', 'alarms']) sql.run(`DELETE FROM ${table}`)
    },
  }
}
