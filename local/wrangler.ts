/** wrangler as a command: what it says on standard output, or a failure with all it said. */

import { spawn } from 'node:child_process'
import { ROOT, WRANGLER_BIN } from './paths.ts'

export class WranglerError extends Error {
  override readonly name = 'WranglerError'
  /** Everything wrangler wrote. */
  readonly said: string

  constructor(args: string[], said: string) {
    super(`wrangler ${args.slice(0, 2).join(' ')} failed:\n${said.trim()}`.replace(/:\n$/, '.'))
    this.said = said
  }
}

export interface WranglerOptions {
  env?: Record<string, string>
  /** Let the person see it work, and answer it; nothing is returned then. */
  shown?: boolean
}

/** POSTERN_WRANGLER names a script to run in wrangler's place. Arguments never hold a secret. */
export async function wrangler(args: string[], options: WranglerOptions = {}): Promise<string> {
  const script = process.env.POSTERN_WRANGLER || WRANGLER_BIN
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', ...options.env },
    stdio: options.shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
    said += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new WranglerError(args, said)
  return out
}
