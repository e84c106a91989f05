/** The names of the fields that an object may have, found by walking a schema along a path. */

import type * as z from 'zod/mini'

type Def = z.core.$ZodTypeDef & {
  innerType?: z.core.$ZodType
  options?: z.core.$ZodType[]
  element?: z.core.$ZodType
  shape?: Record<string, z.core.$ZodType>
}

/** The schema without what makes it optional or nullable. */
function bare(schema: z.core.$ZodType | undefined): Def | undefined {
  let def: Def | undefined = schema?._zod.def
  while (def?.innerType) def = def.innerType._zod.def
  return def
}

function branches(def: Def | undefined): Def[] {
  if (!def) return []
  return def.options ? def.options.flatMap((option) => branches(bare(option))) : [def]
}

/** Own ones only: a request may well name `constructor`. */
function member(def: Def, field: string): z.core.$ZodType | undefined {
  return def.shape && Object.hasOwn(def.shape, field) ? def.shape[field] : undefined
}

function shapesAt(schema: z.core.$ZodType, path: PropertyKey[]): Def[] {
  let found = branches(bare(schema))
  for (const part of path) {
    found = found.flatMap((def) =>
      branches(bare(typeof part === 'number' ? def.element : member(def, String(part)))),
    )
  }
  return found.filter((def) => def.shape)
}

export function fieldsAt(schema: z.core.$ZodType, path: PropertyKey[]): string[] {
  return shapesAt(schema, path).flatMap((def) => Object.keys(def.shape ?? {}))
}

/** Whether a field of this object schema takes a number. */
export function isNumeric(schema: z.core.$ZodType, field: string): boolean {
  return branches(bare(schema)).some((def) => bare(member(def, field))?.type === 'number')
}
