import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env.ts'

export class RelayGate extends DurableObject<Env> {}
