/** What the gate is told of a failure that needs a person, and of a login that failed. */

import type { Disposition } from '../domain/disposition.ts'
import type { Failure } from '../domain/failure.ts'
import type { RouteName } from '../domain/route.ts'
import type { GateReport } from '../ports/relay-gate.ts'

export function alarmReports(
  disposition: Disposition,
  failure: Pick<Failure, 'reply' | 'detail'>,
  route: RouteName,
): GateReport[] {
  if (!disposition.alarm) return []
  const said = failure.reply
    ? `${failure.reply.code} ${failure.reply.text}`
    : (failure.detail ?? disposition.code)
  return [{ kind: 'alarm', code: disposition.alarm, detail: said, route }]
}

export interface FailedLogin {
  disposition: Disposition
  failure: Failure
  route: RouteName
}

export function loginReports(
  { disposition, failure, route }: FailedLogin,
  credential_version: number,
): GateReport[] {
  const { credential, code, rule, retry, alarm = 'relay.auth_rejected' } = disposition
  if (credential === 'suspend') {
    const by_operator = retry === 'after_operator'
    return [{ kind: 'auth_rejected', credential_version, code, alarm, by_operator }]
  }
  if (credential === undefined) return [{ kind: 'auth_unused' }]
  const alarms = alarmReports(disposition, failure, route)
  return [{ kind: 'auth_temp', credential_version, code, rule }, ...alarms]
}
