/** The objects' SQL over node:sqlite, so that stores are tested on real SQL without a runtime. */

import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Sql, SqlValue } from '../../src/storage/sql.ts'

function input(value: SqlValue): SQLInputValue {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value
}

export function nodeSql(path = ':memory:'): Sql {
  const db = new DatabaseSync(path)
  const all = <Row>(query: string, ...values: SqlValue[]) =>
    db.prepare(query).all(...values.map(input)) as Row[]
  return {
    all,
    first: <Row>(query: string, ...values: SqlValue[]) => all<Row>(query, ...values)[0],
    run: (query, ...values) => void db.prepare(query).run(...values.map(input)),
    transaction: (body) => {
      db.exec('BEGIN')
      try {
        const result = body()
        db.exec('COMMIT')
        return result
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    sync: async () => {},
    sizeBytes: () => {
      const { n } = db
        .prepare('SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size')
        .get() as { n: number }
      return n
    },
  }
}
