import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ALARMS, alarmText } from '../../src/domain/alarms.ts'
import { OUTCOME_TABLE, outcomeRow, type RowName } from '../../src/domain/outcome-table.ts'

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8')

describe('alarms', () => {
  test.each(Object.keys(ALARMS))(
    '%s is named area.condition and has a section in the runbook',
    (code) => {
      expect(code).toMatch(/^[a-z][a-z0-9]*\.[a-z_]+$/)
      const [, section] = RUNBOOK.split(`\n## ${code}\n`)
      const text = section?.split('\n## ')[0] ?? ''
      expect(text).toContain('**Cause.**')
      expect(text).toContain('**What you see.**')
      expect(text).toContain('**What to do.**')
    },
  )

  test('the runbook has a section for nothing else', () => {
    const sections = RUNBOOK.match(/^## [a-z][a-z0-9]*\.[a-z_]+$/gm)?.map((line) => line.slice(3))
    expect(sections?.toSorted()).toEqual(Object.keys(ALARMS).toSorted())
  })

  test('every alarm of the outcome table is in the table', () => {
    const raised = Object.keys(OUTCOME_TABLE).map((name) => outcomeRow(name as RowName).alarm)
    expect(raised.filter((code) => code !== undefined && !Object.hasOwn(ALARMS, code))).toEqual([])
  })

  test('the calls name the relay; a code of a newer version still says where to look', () => {
    expect(alarmText('relay.config', 'primary').do).toContain('PATCH /v1/relays/primary')
    expect(alarmText('relay.from_the_future').do).toContain('docs/runbook.md')
  })
})
