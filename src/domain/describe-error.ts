/** An unexpected error as the log may know it. */

export interface Described {
  name: string
  message: string
  /** Where in the code. */
  at: string[]
}

/**
 * What the log may know of an unexpected error: its name, its message without anything quoted or long (that is where
 * runtimes put the input), and where in the code it happened.
 */
export function describeError(error: unknown): Described {
  if (!(error instanceof Error)) return { name: typeof error, message: '', at: [] }
  const message = error.message
    .replaceAll(/"[^"]*"?|'[^']*'?|`[^`]*`?/g, '…')
    .replaceAll(/\S{24,}/g, '…')
    .slice(0, 200)
  const frames = (error.stack ?? '').match(/^ +at .*$/gm) ?? []
  return { name: error.name, message, at: frames.slice(0, 8).map((frame) => frame.trim()) }
}
