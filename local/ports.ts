/** Loopback ports: is one free, and what to say where it isn't. */

import { createServer } from 'node:net'

/** A port somebody else listens on. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
}

/** Throws PortTakenError, naming what the port was for and how to choose another. 0 is always free. */
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
  const reason =
    error.code === 'EADDRINUSE' ? 'is taken by another program' : `can't be used (${error.code})`
  throw new PortTakenError(`Port ${port} for ${purpose} ${reason}. ${remedy}`)
}
