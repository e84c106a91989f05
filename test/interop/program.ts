/** Programs that run as long as a test: their lines, and the end of them. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export class Programs {
  /** What all of them said. */
  readonly log: string[] = []
  readonly #children: ChildProcess[] = []
  #waiting: { line: RegExp; resolve: () => void }[] = []

  /** Resolves when a line like `ready` was said; rejects where the program ends before. */
  start(command: string, args: string[], ready: RegExp): Promise<void> {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.push(child)
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => this.say(line))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line: ready, resolve })
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`${command} ended:\n${this.log.join('\n')}`)))
    })
  }

  say(line: string): void {
    this.log.push(line)
    this.#waiting = this.#waiting.filter((one) => {
      const heard = one.line.test(line)
      if (heard) one.resolve()
      return !heard
    })
  }

  async end(): Promise<void> {
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
  }
}
