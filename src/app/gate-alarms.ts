/** The relay's alarms: raised and cleared once each, however many shards and routes report the same. */

import { alarmText } from '../domain/alarms.ts'
import type { RouteName } from '../domain/route.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { AlarmState, GateStore } from '../ports/gate-store.ts'
import type { GateAlarm, GateEvent } from '../ports/relay-gate.ts'

export class GateAlarms {
  readonly events: GateEvent[] = []
  readonly #store: GateStore
  readonly #now: number
  readonly #relay: string
  #active: AlarmState[]

  constructor(store: GateStore, relay: string, now: number) {
    this.#store = store
    this.#relay = relay
    this.#now = now
    this.#active = store.alarms()
  }

  raise(code: string, route: RouteName | '' = '', detail = ''): void {
    const known = this.#active.find((one) => one.code === code && one.route === route)
    if (known) return
    const alarm: AlarmState = { code, route, since: this.#now, detail: detail.slice(0, 500) }
    const first = !this.#active.some((one) => one.code === code)
    this.#store.putAlarm(alarm)
    this.#active.push(alarm)
    if (first) this.#tell('relay.alarm', alarm)
  }

  /** Clears every alarm that fits; tells of a code once none of it is left. */
  clear(fits: (alarm: AlarmState) => boolean): void {
    const gone = this.#active.filter(fits)
    if (gone.length === 0) return
    this.#active = this.#active.filter((alarm) => !gone.includes(alarm))
    for (const alarm of gone) this.#store.deleteAlarm(alarm)
    for (const code of new Set(gone.map((alarm) => alarm.code))) {
      const last = gone.find((alarm) => alarm.code === code)
      if (last && !this.#active.some((alarm) => alarm.code === code)) {
        this.#tell('relay.recovered', last)
      }
    }
    this.#store.putMemory({ ...this.#store.memory(), recovered_at: this.#now })
  }

  #tell(type: GateEvent['type'], { code, since, route, detail }: AlarmState): void {
    const told = [route, detail].filter((part) => part !== '').join(': ')
    this.events.push({
      type,
      data: {
        relay: this.#relay,
        code,
        since: rfc3339(since),
        ...alarmText(code, this.#relay),
        ...(told !== '' && { detail: told }),
      },
    })
  }
}

/** One line per code, since its first occurrence. */
export function alarmList(alarms: readonly AlarmState[], relay: string): GateAlarm[] {
  const codes = new Map<string, number>()
  for (const { code, since } of alarms) {
    codes.set(code, Math.min(since, codes.get(code) ?? since))
  }
  return [...codes].map(([code, since]) => ({
    code,
    relay,
    since: rfc3339(since),
    ...alarmText(code, relay),
  }))
}
