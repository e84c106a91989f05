import { expect, test } from 'vitest'
import { OUTBOX_SCHEMA } from '../../src/storage/outbox-schema.ts'
import { migrate, type SchemaStep, SchemaTooNewError } from '../../src/storage/sql.ts'
import { nodeSql } from '../support/node-sql.ts'

const one: SchemaStep = { version: 1, statements: ['CREATE TABLE a (x INTEGER)'] }
const two: SchemaStep = { version: 2, statements: ['ALTER TABLE a ADD COLUMN y INTEGER'] }

test('steps run once and in order, and rows survive them', () => {
  const sql = nodeSql()
  migrate(sql, [one])
  sql.run('INSERT INTO a (x) VALUES (1)')
  migrate(sql, [one, two])
  migrate(sql, [one, two])
  expect(sql.all('SELECT x, y FROM a')).toEqual([{ x: 1, y: null }])
})

test('code refuses a database newer than it knows', () => {
  const sql = nodeSql()
  migrate(sql, [one, two])
  expect(() => migrate(sql, [one])).toThrow(SchemaTooNewError)
})

test('a step that fails leaves the version before it', () => {
  const sql = nodeSql()
  migrate(sql, [one])
  const broken = { version: 2, statements: ['ALTER TABLE a ADD COLUMN y INTEGER', 'NONSENSE'] }
  expect(() => migrate(sql, [one, broken])).toThrow()
  migrate(sql, [one, two])
  expect(sql.all('SELECT max(version) AS version FROM schema_version')).toEqual([{ version: 2 }])
})

test('the outbox opens on an empty database, again and again', () => {
  const sql = nodeSql()
  migrate(sql, OUTBOX_SCHEMA)
  migrate(sql, OUTBOX_SCHEMA)
  expect(sql.first('SELECT count(*) AS n FROM messages')).toEqual({ n: 0 })
})
