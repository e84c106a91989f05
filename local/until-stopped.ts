/** npm runs a script in a shell and hands it a signal; many shells end by it and leave their program running. */
const SHELL_OF_NPM = /^node local\//.test(process.env.npm_lifecycle_script ?? '') && process.ppid

const LOOK_MS = 250

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
    if (SHELL_OF_NPM) {
      const look = () => process.ppid !== SHELL_OF_NPM && resolve()
      setInterval(look, LOOK_MS).unref()
    }
    if (process.connected) process.once('disconnect', () => resolve())
  })
}
