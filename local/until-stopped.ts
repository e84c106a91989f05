/**
 * Resolves when the program is asked to end: Ctrl-C, SIGTERM, or the end of the program that started it. Takes the place
 * of signal handlers set so far: miniflare's would end the process at once, in the middle of an orderly stop.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.removeAllListeners(signal)
      process.on(signal, () => resolve())
    }
    if (process.connected) process.once('disconnect', () => resolve())
  })
}
