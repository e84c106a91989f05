/** D1 migrations without wrangler's start-up time, recorded in wrangler's own table. */

import type { WorkerBuild } from './build.ts'

/** What is used of D1 from Node. */
export interface LocalDatabase {
  prepare(sql: string): LocalStatement
  batch(statements: LocalStatement[]): Promise<unknown>
}

export interface LocalStatement {
  bind(...values: (string | number | null)[]): LocalStatement
  run<Row>(): Promise<{ results: Row[] }>
}

/** Applies what the database hasn't seen, each file in one transaction. */
export async function migrate(
  database: LocalDatabase,
  migrations: WorkerBuild['migrations'],
): Promise<void> {
  await database
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .run()
  const { results } = await database
    .prepare('SELECT name FROM d1_migrations')
    .run<{ name: string }>()
  const seen = new Set(results.map((row) => row.name))
  for (const { name, statements } of migrations) {
    if (seen.has(name)) continue
    await database.batch([
      ...statements.map((sql) => database.prepare(sql)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ])
  }
}
