/** The template engine over LiquidJS. Rendering is synchronous from its first step to its last: nothing else runs between. */

import { Token, TokenKind, toValue, toValueSync, Value } from 'liquidjs'
import { jsonPointer } from '../domain/json-pointer.ts'
import { TemplateError, type TemplateFault } from '../domain/template.ts'
import type { NamedTemplate, TemplateEngine } from '../ports/template-engine.ts'
import { Budget } from './budget.ts'
import { CountedContext } from './context.ts'
import { fileName, LocatedError, locate, locateSyntax } from './fault.ts'
import { oversteppedBy } from './parser.ts'
import { LIQUIDS, loadPartials, type Part, parsePart } from './parts.ts'
import { outputEmitter } from './renderer.ts'

class ExpressionToken extends Token {}

export const liquidEngine: TemplateEngine = {
  async check(template) {
    return eachPart(partsOf(template), (part) => parsePart(template, part)).faults
  },

  async checkExpression(expression) {
    try {
      parseExpression(expression, fileName('', ''))
      return []
    } catch (error) {
      return [faultOf(error)]
    }
  },

  async render(template, data, load) {
    const parts = partsOf(template)
    throwFaults(eachPart(parts, (part) => parsePart(template, part)).faults)
    const partials = await loadPartials(template, parts, load)
    const budget = new Budget()
    const { results, faults } = eachPart(parts, (part) => {
      const liquid = LIQUIDS[part.kind]
      const ctx = new CountedContext(data, liquid, budget)
      const { templates } = parsePart(template, part)
      return liquid.renderWith(partials[part.kind], templates, ctx, outputEmitter(budget))
    })
    throwFaults(faults)
    const text = (...path: string[]) => results.get(jsonPointer(path)) ?? null
    const names = Object.keys(template.headers)
    return {
      subject: text('subject'),
      text: text('text'),
      html: text('html'),
      headers: Object.fromEntries(names.map((name) => [name, text('headers', name) ?? ''])),
    }
  },

  async evaluate(expression, scope, { absent = 'refuse' } = {}) {
    const file = fileName('', '')
    try {
      const value = parseExpression(expression, file)
      const ctx = new CountedContext(scope, LIQUIDS.text, new Budget(), absent === 'refuse')
      try {
        return toValue(toValueSync(value.value(ctx, false))) ?? null
      } catch (error) {
        throw locate(error, expressionToken(expression, file))
      }
    } catch (error) {
      throw new TemplateError([faultOf(error)])
    }
  },
}

function parseExpression(expression: string, file: string): Value {
  try {
    const limit = oversteppedBy(expression)
    if (limit) throw limit
    return new Value(expression, LIQUIDS.text)
  } catch (error) {
    throw locateSyntax(error, file, expressionToken(expression, file))
  }
}

function expressionToken(expression: string, file: string): Token {
  return new ExpressionToken(TokenKind.Output, expression, 0, expression.length, file)
}

function partsOf({ subject, text, html, headers }: NamedTemplate): Part[] {
  const all: [string[], Part['kind'], string | null][] = [
    [['subject'], 'text', subject],
    [['text'], 'text', text],
    [['html'], 'html', html],
    ...Object.entries(headers).map(([name, value]): [string[], 'text', string] => [
      ['headers', name],
      'text',
      value,
    ]),
  ]
  return all.flatMap(([path, kind, source]) =>
    source === null ? [] : [{ pointer: jsonPointer(path), kind, source }],
  )
}

/** What each part came to; the faults of all parts together. */
function eachPart<T>(
  parts: Part[],
  work: (part: Part) => T,
): { results: Map<string, T>; faults: TemplateFault[] } {
  const results = new Map<string, T>()
  const faults: TemplateFault[] = []
  for (const part of parts) {
    try {
      results.set(part.pointer, work(part))
    } catch (error) {
      faults.push(faultOf(error))
    }
  }
  return { results, faults }
}

function throwFaults(faults: TemplateFault[]): void {
  if (faults.length > 0) throw new TemplateError(faults)
}

function faultOf(error: unknown): TemplateFault {
  if (error instanceof LocatedError) return error.fault
  throw error
}
