/** SQLite as a Durable Object has it: synchronous, one writer, transactions that nothing may await in. */

export type SqlValue = string | number | null | Uint8Array | ArrayBuffer

export interface Sql {
  /** All rows of the statement. */
  all<Row>(query: string, ...values: SqlValue[]): Row[]
  /** The first row, or undefined. */
  first<Row>(query: string, ...values: SqlValue[]): Row | undefined
  run(query: string, ...values: SqlValue[]): void
  transaction<Result>(body: () => Result): Result
  /** Resolves when everything written so far is on disk. */
  sync(): Promise<void>
  /** Size of the database on disk. */
  sizeBytes(): number
}

export function durableSql(storage: DurableObjectStorage): Sql {
  const { sql } = storage
  const all = <Row>(query: string, ...values: SqlValue[]) =>
    sql.exec(query, ...values).toArray() as Row[]
  return {
    all,
    first: <Row>(query: string, ...values: SqlValue[]) => all<Row>(query, ...values)[0],
    run: (query, ...values) => void sql.exec(query, ...values),
    transaction: (body) => storage.transactionSync(body),
    sync: () => storage.sync(),
    sizeBytes: () => sql.databaseSize,
  }
}

/** One forward, additive step of an object's schema. */
export interface SchemaStep {
  version: number
  statements: string[]
}

export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError'
}

/**
 * Brings an object's database to the newest version this code knows. Old and new code run side by side during a
 * deploy, so a step only adds; a database newer than the code is refused rather than misread.
 */
export function migrate(sql: Sql, steps: readonly SchemaStep[]): void {
  sql.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT')
  const current =
    sql.first<{ version: number }>('SELECT max(version) AS version FROM schema_version')?.version ??
    0
  const newest = steps.at(-1)?.version ?? 0
  if (current > newest) {
    throw new SchemaTooNewError(`The database has schema ${current}, this code knows ${newest}.`)
  }
  for (const step of steps) {
    if (step.version <= current) continue
    sql.transaction(() => {
      for (const statement of step.statements) sql.run(statement)
      sql.run('INSERT INTO schema_version (version) VALUES (?)', step.version)
    })
  }
}
