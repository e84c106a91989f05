/** A program that runs to its end: what a person who calls it sees. */

import { type SpawnOptions, spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../../local/paths.ts'

export interface Ran {
  code: number | null
  /** Standard output and error, as they came. */
  said: string
}

export async function run(
  command: string,
  args: string[],
  { input = '', ...options }: SpawnOptions & { input?: string } = {},
): Promise<Ran> {
  const child = spawn(command, args, { ...options, stdio: 'pipe' })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  child.stdin.on('error', () => undefined).end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return { code, said }
}

/** A script of the checkout, with no environment but `env` and the PATH. */
export function runScript(
  script: string,
  args: string[],
  {
    env,
    ...options
  }: { env?: Record<string, string | undefined>; cwd?: string; input?: string } = {},
): Promise<Ran> {
  return run(process.execPath, [join(ROOT, script), ...args], {
    ...options,
    env: { PATH: process.env.PATH, ...env },
  })
}
