/** The doctor's advice as a text that reviewers read. `UPDATE_GOLDEN=1 npx vitest run test/golden` writes it anew. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dispose } from '../../src/domain/disposition.ts'
import { isSesPassword, loginAdvice } from '../../src/domain/login-advice.ts'
import { OUTCOME_TABLE } from '../../src/domain/outcome-table.ts'
import { type Advice, checkSummary, type RouteCheck } from '../../src/domain/relay-check.ts'
import type { Reply } from '../../src/domain/reply.ts'
import type { RouteName } from '../../src/domain/route.ts'
import { routeAdvice } from '../../src/domain/route-advice.ts'
import { LOGINS, ROUTES } from './advice-cases.ts'

const FILE = join(import.meta.dirname, 'advice.txt')

function replyOf(line: string): Reply {
  const [, code, enhanced, text = ''] = /^(\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/s.exec(line) ?? []
  return { code: Number(code), ...(enhanced !== undefined && { enhanced }), text }
}

function written(title: string, advice: (Advice | undefined)[]): string {
  const said = advice.flatMap((one) => (one ? [`    ${one.what}\n      → ${one.do}`] : []))
  return `${title}\n${said.join('\n')}\n`
}

function route(name: RouteName, outcome: string): RouteCheck {
  return {
    route: name,
    outcome,
    reachable: outcome === 'ok',
    greeting: null,
    tls: { mode: 'starttls', proven: outcome === 'ok' },
    extensions: [],
    auth_mechanisms: [],
    duration_ms: 1,
    steps: [],
  }
}

test('says to every reply and every broken route what the reviewed text says', () => {
  const logins = LOGINS.map((given) => {
    const {
      reply: line,
      host = 'smtp.example.com',
      user,
      sesPassword = false,
      oauth = false,
    } = given
    const reply = replyOf(line)
    const { code } = dispose({ step: 'auth', cause: 'reply', reply }, { dotSent: false })
    const login = { route: '587/starttls' as const, outcome: code, mechanism: null, reply }
    const facts = { host, user: user ?? 'ada@example.com', sesPassword, oauth }
    const title = [host, user, oauth && 'OAuth', line.replaceAll('\n', ' / ')]
    return written(title.filter(Boolean).join(' | '), [
      loginAdvice({ ...login, retry_at: null }, facts),
    ])
  })
  const ladders = ROUTES.map((outcomes) => {
    const routes = Object.entries(outcomes).map(([name, outcome]) =>
      route(name as RouteName, outcome),
    )
    return written(checkSummary(routes, null), routeAdvice('mail.example.com', routes))
  })
  const text = `# What the doctor says. Made from src/domain/login-advice*.ts and route-advice.ts.

## What the relay says to the login

${logins.join('\n')}
## How the routes are

${ladders.join('\n')}`
  if (process.env.UPDATE_GOLDEN) writeFileSync(FILE, text)
  expect(text).toBe(readFileSync(FILE, 'utf8'))
})

test('has advice for every word that setting up a session may end with', () => {
  const words = Object.values(OUTCOME_TABLE)
    .filter(({ rule }) => rule >= 4 && rule <= 18)
    .map(({ code }) => code)
  for (const word of words) {
    expect(routeAdvice('mail.example.com', [route('587/starttls', word)]), word).toHaveLength(1)
  }
})

test('says nothing about what works', () => {
  const routes = [route('587/starttls', 'ok'), route('465/implicit', 'ok')]
  expect(routeAdvice('mail.example.com', routes)).toEqual([])
  expect(checkSummary(routes, null)).toBe('587 and 465 work.')
})

test('a login that is not tried says why', () => {
  const login = {
    route: '587/starttls' as const,
    outcome: 'not_tried',
    mechanism: null,
    reply: null,
    retry_at: '2026-11-24T04:00:00.000Z',
  }
  const facts = { host: 'smtp.example.com', user: 'ada', sesPassword: false, oauth: false }
  expect(loginAdvice(login, facts)?.do).toContain('2026-11-24T04:00:00.000Z')
  expect(loginAdvice({ ...login, retry_at: null }, facts)?.do).not.toContain('wait')
  expect(loginAdvice({ ...login, route: null }, facts)).toBeUndefined()
})

test.each([
  ['BJq3ExAmPlE0ExAmPlE0ExAmPlE0ExAmPlE0ExAmPlE0', true],
  ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', false],
  ['BJq3ExAmPlE0ExAmPlE0ExAmPlE0ExAmPlE0ExAmPlE0 ', false],
])('%s is an SES password: %s', (password, is) => {
  expect(isSesPassword(password)).toBe(is)
})
