/** Templates in the control plane: every version that was ever put, until the template is deleted. */

import type { StoredTemplate } from '../domain/template.ts'
import type { ReadOptions } from './control-plane.ts'

export interface TemplateEntry {
  id: string
  /** The newest. */
  version: number
  /** Of the first version and of the newest. */
  created_at: number
  updated_at: number
}

export type TemplateVersion = Pick<StoredTemplate, 'version' | 'created_at'>

export interface TemplateStore {
  /** The newest version, or the one that is asked for. */
  get(id: string, version?: number, options?: ReadOptions): Promise<StoredTemplate | null>
  /** By name. */
  list(): Promise<TemplateEntry[]>
  /** The newest hundred, newest first. */
  versions(id: string): Promise<TemplateVersion[]>
  /** False, and nothing is stored, where its version doesn't follow the newest one: somebody else was faster. */
  add(template: StoredTemplate): Promise<boolean>
  delete(id: string): Promise<boolean>
}
