/** Triggers in the control plane. */

import type { StoredTrigger } from '../domain/trigger.ts'
import type { ReadOptions } from './control-plane.ts'

export interface TriggerStore {
  get(id: string, options?: ReadOptions): Promise<StoredTrigger | null>
  /** By name. */
  list(): Promise<StoredTrigger[]>
  put(trigger: StoredTrigger): Promise<void>
  /** Another seal of the same secrets; false where it is not the one that stands there any more. */
  reseal(id: string, from: string, to: string): Promise<boolean>
  /** With the record of its calls. */
  delete(id: string): Promise<boolean>
}
