/** What the doctor found, as lines for a terminal. */

import type { LoginCheck, RelayCheck, RouteCheck } from '../src/domain/relay-check.ts'

const HEAD = ['route', 'connects', 'greets', 'TLS', 'AUTH', 'ms', 'outcome']

export function reportLines(check: RelayCheck): string[] {
  const { host, summary, routes, login, advice } = check
  return [
    `${host}: ${summary}`,
    '',
    ...table([HEAD, ...routes.map(cells)]),
    ...routes.flatMap(details),
    ...(login ? ['', loginLine(login)] : []),
    ...advice.flatMap(({ what, do: cure }) => ['', what, `  → ${cure}`]),
  ]
}

function cells(route: RouteCheck): string[] {
  const { reachable, greeting, tls, auth_mechanisms, duration_ms, outcome, rule } = route
  return [
    route.route,
    yes(reachable),
    yes(greeting !== null),
    tls.proven ? 'proven' : '-',
    auth_mechanisms.join(' ') || '-',
    String(Math.round(duration_ms)),
    rule === undefined ? outcome : `${outcome} (rule ${rule})`,
  ]
}

const yes = (is: boolean): string => (is ? 'yes' : '-')

function table(rows: string[][]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}

function details({ route, greeting, extensions, steps }: RouteCheck): string[] {
  const times = steps.map(({ step, ms }) => `${step} ${Math.round(ms)}`)
  const refusal = steps.findLast(({ reply }) => (reply?.code ?? 0) >= 400)?.reply
  return [
    ...(times.length > 0 ? ['', `  ${route}: ${times.join(', ')} ms`] : []),
    ...(greeting === null ? [] : [`    ${oneLine(greeting)}`]),
    ...(extensions.length > 0 ? [`    ${extensions.join(' ')}`] : []),
    ...(refusal ? [`    ${refusal.code} ${oneLine(refusal.text)}`] : []),
  ]
}

function loginLine({ route, outcome, mechanism, reply }: LoginCheck): string {
  const said = [
    `  login: ${outcome}`,
    route && `on ${route}`,
    mechanism && `by ${mechanism}`,
    reply && `(${[reply.code, reply.enhanced, oneLine(reply.text)].filter(Boolean).join(' ')})`,
  ]
  return said.filter(Boolean).join(' ')
}

const oneLine = (text: string): string => text.replaceAll('\n', ' ')
