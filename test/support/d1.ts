/** A real D1 database on local workerd with this project's migrations applied. */

import { readdirSync, readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

export interface TestDatabase {
  db: D1Database
  dispose(): Promise<void>
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
    await db.batch(
      statements(readFileSync(`migrations/${file}`, 'utf8')).map((sql) => db.prepare(sql)),
    )
  }
  return { db, dispose: () => miniflare.dispose() }
}

function statements(sql: string): string[] {
  return sql
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
