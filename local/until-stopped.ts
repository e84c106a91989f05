/** Resolves when the program is asked to end: Ctrl-C, SIGTERM, or the end of the program that started it. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve())
    }
    if (process.connected) process.once('disconnect', () => resolve())
  })
}
