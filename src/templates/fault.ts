/** What went wrong, in words of ours and with its place: LiquidJS's own messages may hold values of the data. */

import type { Token } from 'liquidjs'
import type { TemplateCode, TemplateFault } from '../domain/template.ts'
import { LimitError } from './limits.ts'
import { ValueError } from './values.ts'

const QUOTED_LIMIT = 120
const NO_OPERATOR =
  'what follows is no operator (==, !=, <, >, <=, >=, contains, and, or) and no filter (after |)'
const UNUSABLE = "a filter or tag was given a value that it can't use"

/** A fault that knows where it is; the innermost place stays. */
export class LocatedError extends Error {
  override readonly name = 'LocatedError'
  readonly fault: TemplateFault

  constructor(fault: TemplateFault) {
    super(fault.message)
    this.fault = fault
  }
}

export class PartialError extends Error {
  override readonly name = 'PartialError'
}

/** How a part of a template is named to LiquidJS, which hands it on in tokens. */
export function fileName(template: string, part: string): string {
  return `${template} ${part}`
}

export function locate(error: unknown, token: Token): LocatedError {
  if (error instanceof LocatedError) return error
  const [code, message] = renderingWords(error, token)
  return at(placeOf(error, token), code, message)
}

/** A fault of the source alone; of the `whole` where the error has no place of its own. */
export function locateSyntax(error: unknown, file: string, whole?: Token): LocatedError {
  if (error instanceof LocatedError) return error
  const token = tokenOf(error) ?? whole
  if (error instanceof LimitError) return at(token, 'template.limit', error.message, file)
  const cause = causeOf(error)
  if (cause instanceof LimitError) return at(token, 'template.limit', cause.message, file)
  if (cause instanceof RangeError) return at(token, 'template.limit', 'is nested too deeply', file)
  return at(token, 'template.syntax', plain(messageOf(error)), file)
}

function at(
  token: Token | undefined,
  code: TemplateCode,
  message: string,
  file = token?.file ?? ' ',
): LocatedError {
  const [line = null, column = null] = token?.getPosition() ?? []
  const [template = '', ...part] = file.split(' ')
  return new LocatedError({ code, message, template, part: part.join(' '), line, column })
}

function renderingWords(error: unknown, token: Token): [TemplateCode, string] {
  const cause = causeOf(error)
  if (cause instanceof LimitError) return ['template.limit', cause.message]
  if (cause instanceof ValueError) return ['template.value', cause.message]
  if (cause instanceof PartialError) return ['template.partial', cause.message]
  if (cause instanceof RangeError && /stack/i.test(cause.message))
    return ['template.limit', 'is nested too deeply']
  if (isNamed(error, 'UndefinedVariableError')) {
    const variable = placeOf(error, token)
    const name = variable === token ? 'a variable' : plain(variable.getText())
    return ['template.variable', `${name} is not in the data`]
  }
  return ['template.value', UNUSABLE]
}

/** The error's own token where it is of the same source; others were made of values. */
function placeOf(error: unknown, token: Token): Token {
  const own = tokenOf(error)
  return own?.input === token.input ? Object.assign(own, { file: token.file }) : token
}

function tokenOf(error: unknown): Token | undefined {
  return (error as { token?: Token } | null)?.token
}

function causeOf(error: unknown): unknown {
  return (error as { originalError?: unknown } | null)?.originalError ?? error
}

function messageOf(error: unknown): string {
  const cause = causeOf(error)
  const text = cause instanceof Error ? cause.message : 'is no Liquid'
  const message = text.replace(/(?:, file:.*)?, line:\d+, col:\d+$/s, '')
  return message === 'expected "|" before filter' ? NO_OPERATOR : message
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

/** Source text, short and on one line. */
function plain(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > QUOTED_LIMIT ? `${line.slice(0, QUOTED_LIMIT)}…` : line
}
