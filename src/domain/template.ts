/** A template: Liquid for what a message says. Stored by version; rendered into the fields of a submission. */

export interface TemplateSource {
  subject: string | null
  text: string | null
  html: string | null
  /** Header field names are literal, their values Liquid. */
  headers: Record<string, string>
}

export interface StoredTemplate extends TemplateSource {
  /** Given by the operator. */
  id: string
  /** 1 and up; a version never changes. */
  version: number
  /** Data for a preview. */
  sample: Record<string, unknown>
  created_at: number
}

/** Which template a message was made from. */
export type TemplateUse = Pick<StoredTemplate, 'id' | 'version'>

export interface RenderedTemplate {
  subject: string | null
  text: string | null
  html: string | null
  headers: Record<string, string>
}

export type TemplateCode =
  | 'template.syntax'
  | 'template.variable'
  | 'template.value'
  | 'template.partial'
  | 'template.limit'
  | 'template.output'

/** One thing wrong with a template, or with what it was given. Never holds a value of the data. */
export interface TemplateFault {
  code: TemplateCode
  message: string
  /** The template that it stands in: a partial's name where it is one. */
  template: string
  /** JSON Pointer into that template: `/html`, `/headers/X-Order`. */
  part: string
  /** From 1; null where the fault is no place's. */
  line: number | null
  column: number | null
}

export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly faults: TemplateFault[]

  constructor(faults: TemplateFault[]) {
    super(faults[0]?.code ?? 'template')
    this.faults = faults
  }
}
