/** A real D1 database on local workerd with this project's migrations applied. */

import { readdirSync, readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, beforeEach } from 'vitest'

export interface TestDatabase {
  db: D1Database
  /** Empties every table. */
  clear(): Promise<void>
  /** Every row of every table as JSON: what somebody with the database sees. */
  dump(): Promise<string>
  dispose(): Promise<void>
}

/** One for all tests of a file or a `describe`, empty before each. */
export function useD1(): Omit<TestDatabase, 'dispose'> {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await openD1()
  })
  beforeEach(() => opened.clear())
  afterAll(() => opened.dispose())
  return {
    get db() {
      return opened.db
    },
    clear: () => opened.clear(),
    dump: () => opened.dump(),
  }
}

export async function openD1(): Promise<TestDatabase> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'd1',
      modules: true,
      script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
      compatibilityDate: '2026-11-01',
      d1Databases: ['DB'],
      cf: false,
    }),
  )
  const db = await miniflare.getD1Database('DB')
  for (const file of readdirSync('migrations').sort()) {
    const sql = statements(readFileSync(`migrations/${file}`, 'utf8'))
    await db.batch(sql.map((statement) => db.prepare(statement)))
  }
  const tables = await tableNames(db)
  return {
    db,
    async clear() {
      await db.batch(tables.map((table) => db.prepare(`DELETE FROM ${table}`)))
    },
    async dump() {
      const rows = await db.batch(tables.map((table) => db.prepare(`SELECT * FROM ${table}`)))
      return JSON.stringify(rows.map(({ results }) => results))
    },
    dispose: () => miniflare.dispose(),
  }
}

async function tableNames(db: D1Database): Promise<string[]> {
  const { results } = await db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .all<{ name: string }>()
  return results.map(({ name }) => name)
}

function statements(sql: string): string[] {
  return sql
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
