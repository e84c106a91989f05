import { expect, test } from 'vitest'
import { NEW_ROUTE } from '../../src/app/gate-routes.ts'
import { gateStore } from '../../src/storage/gate-store.ts'
import { nodeSql } from '../support/node-sql.ts'

test('the pause of a route outlives the change of its name', () => {
  const sql = nodeSql()
  gateStore(sql)
  sql.run('DELETE FROM schema_version WHERE version > 2')
  const { interval_ms: _, ...route } = NEW_ROUTE
  const before = JSON.stringify({ ...route, failures: 2, interval: 60_000 })
  sql.run('INSERT INTO routes (name, value) VALUES (?, ?)', '587/starttls', before)
  expect(gateStore(sql).routes().get('587/starttls')).toMatchObject({
    failures: 2,
    interval_ms: 60_000,
  })
})
