/** Loopback ports: is one free, and what to say where it isn't. */

import { createServer } from 'node:net'
import { CommandError } from './command.ts'

const REASONS: Record<string, string> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may not be opened by this user',
}
const NO_ADDRESS = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']

/**
 * 0 is always free.
 * @throws CommandError naming what the port was for, and the remedy
 */
export async function expectFree(
  port: number,
  purpose: string,
  remedy: string,
  host = '127.0.0.1',
): Promise<void> {
  const server = createServer()
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once('error', resolve)
    server.listen({ port, host, exclusive: true }, () => resolve(null))
  })
  if (error === null) {
    await new Promise((resolve) => server.close(resolve))
    return
  }
  const { code = '' } = error
  throw new CommandError(
    NO_ADDRESS.includes(code)
      ? `${host} is no address of this machine (${code}). Choose one of its own with --host ADDRESS.`
      : `Port ${port} for ${purpose} ${REASONS[code] ?? `can't be used (${code})`}. ${remedy}`,
    { cause: error },
  )
}
