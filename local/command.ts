/** What the commands of this folder have in common: arguments, `--help`, exit codes, failures as plain sentences. */

import { type ParseArgsConfig, parseArgs } from 'node:util'

/** A failure whose message says all a person needs. `exitCode` 2: the call or the settings have to be mended, else 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
  readonly exitCode: 1 | 2

  constructor(message: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.exitCode = options.exitCode ?? 1
  }
}

/** The call itself is wrong: the usage is shown beside it. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError'

  constructor(message: string, cause?: unknown) {
    super(message, { exitCode: 2, cause })
  }
}

/**
 * The values of the flags; a command without flags takes no argument at all.
 * @throws UsageError
 */
export function readFlags<const Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
) {
  return readCall(options, false).values
}

/**
 * The same with the arguments beside them.
 * @throws UsageError
 */
export function readCall<const Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  allowPositionals = true,
) {
  try {
    return parseArgs({ options, allowPositionals })
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string }
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error
    const [sentence = ''] = message.split(/\.(?:\s|$)/)
    const hint = code.endsWith('POSITIONAL') ? ': npm hands flags on only after "--"' : ''
    throw new UsageError(`${sentence}${hint}.`, error)
  }
}

/** @throws UsageError */
export function readPort(text: string, lowest: 0 | 1 = 1): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= lowest && port <= 65535) return port
  throw new UsageError(`"${text}" is no port: it is a number from ${lowest} to 65535.`)
}

/** @throws UsageError */
export function readDirectory(flag: string, path: string): string {
  if (path.trim() !== '') return path
  throw new UsageError(`--${flag} needs a directory.`)
}

/** Runs the program to its end. `main` resolves with the exit code. */
export async function runCommand(usage: string, main: () => Promise<number>): Promise<never> {
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    process.exit(await main())
  } catch (error) {
    if (!(error instanceof CommandError)) {
      console.error(error)
      process.exit(1)
    }
    console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.message)
    process.exit(error.exitCode)
  }
}
