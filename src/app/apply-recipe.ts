/** A recipe is a trigger that waits for its mailboxes and its secret. What is made of it is a trigger like any other. */

import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { isLiquid } from '../domain/trigger.ts'
import { putTrigger, type TriggerCaller, type TriggerWork, urlOf } from './manage-triggers.ts'
import type { RuleRequest } from './read-trigger.ts'
import type { MailboxInput } from './submission-request.ts'

/** As a file of examples/triggers/ holds it. */
export interface Recipe {
  /** Where the service shows the secret that it makes; without one Postern makes it. */
  secret?: string
  /** What is left to be done at the service, in order; `{url}` stands for the trigger's. */
  setup: string[]
  trigger: { source: object; rules: RuleRequest[] }
}

export interface RecipeRequest {
  recipe: string
  /** The recipe's name where left out. */
  id?: string
  from: MailboxInput
  to: string | string[]
  secret?: string
  /** Of the form. */
  origins?: string[]
  redirect?: string
}

export interface AppliedRecipe {
  id: string
  url: string
  /** The one that was made for it: it is shown once. */
  secret?: string
  setup: string[]
}

/** @throws PosternError `trigger.exists`, and all that `putTrigger` throws, pointing into this request */
export async function applyRecipe(
  work: TriggerWork,
  caller: TriggerCaller,
  { recipe: name, id = name, from, to, secret, origins, redirect }: RecipeRequest,
  origin: string,
): Promise<AppliedRecipe> {
  const { RECIPES } = await import('./recipes.generated.ts')
  const recipe = RECIPES[name]
  if (!recipe) throw new Error('the schema knows a recipe that is none')
  const url = urlOf(id, origin)
  const made = await putTrigger(
    work,
    caller,
    id,
    {
      source: {
        ...recipe.trigger.source,
        ...(origins && { origins }),
        ...(redirect !== undefined && { redirect }),
      },
      ...secretsOf(recipe, secret),
      from,
      rules: recipe.trigger.rules.map((rule) => ({ ...rule, then: { ...rule.then, to } })),
    },
    { isNew: true },
  ).catch((error: unknown) => {
    throw pointedInto(error, { to: [to].flat(), secret: recipe.secret, url })
  })
  return {
    id,
    url,
    ...(made.secret !== null && { secret: made.secret }),
    setup: recipe.setup.map((step) => step.replaceAll('{url}', url)),
  }
}

/** None where the service makes it and it wasn't given: that is refused, where otherwise one would be made. */
function secretsOf(recipe: Recipe, given: string | undefined): { secrets?: string[] } {
  if (given !== undefined) return { secrets: [given] }
  return recipe.secret === undefined ? {} : { secrets: [] }
}

interface Asked {
  to: string[]
  secret: string | undefined
  url: string
}

/** What is wrong with the trigger, as what is wrong with the request; several rules say it of one field once. */
function pointedInto(error: unknown, asked: Asked): unknown {
  if (!(error instanceof PosternError) || error.code !== 'request.invalid') return error
  const moved = error.violations.map((one) => inRequest(one, asked))
  const isFirst = ({ pointer, code }: Violation, index: number) =>
    moved.findIndex((one) => one.pointer === pointer && one.code === code) === index
  return invalidRequest(moved.filter(isFirst))
}

function inRequest({ pointer, code, message }: Violation, { to, secret, url }: Asked): Violation {
  if (/^\/rules\/\d+\/then\/to/.test(pointer) || pointer === '/recipients') {
    const liquid = to.findIndex(isLiquid)
    if (liquid < 0) return { pointer: pointer.replace(/^.*\/then/, ''), code, message }
    const fixed =
      'a recipe mails fixed addresses: PUT the trigger with Liquid here and `recipients`'
    return { pointer: `/to/${liquid}`, code: 'field.format', message: fixed }
  }
  if (!pointer.startsWith('/secrets')) {
    return { pointer: pointer.replace(/^\/source/, ''), code, message }
  }
  if (code !== 'field.too_few') return { pointer: '/secret', code, message }
  return {
    pointer: '/secret',
    code: 'field.required',
    message: `give ${secret}; the URL to enter there is ${url}`,
  }
}
