/** Reads the configuration of a source as an operator writes it: defaults filled in, everything that is wrong pointed at. */

import type { Violation } from '../errors.ts'
import { FieldReader, type TextRule } from './field-reader.ts'
import { HEADER_NAME, readTolerance } from './field-rules.ts'
import { readHmacSource } from './read-hmac-source.ts'
import { snsPlace } from './sns-place.ts'
import type { SourceConfig, SourceType } from './source.ts'

export const SOURCE_TYPES = [
  'standard-webhooks',
  'github',
  'meta',
  'stripe',
  'slack',
  'shopify',
  'gitlab',
  'twilio',
  'sns',
  'hmac',
  'basic',
  'bearer',
  'form',
] as const satisfies readonly SourceType[]

const VERIFY_TOKEN: TextRule = {
  form: /^[!-~]{8,256}$/,
  expected: 'has to be 8 to 256 characters without spaces',
}
const TWILIO_URL: TextRule = {
  form: /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/,
  expected: 'has to be the https://… address that Twilio calls, without query',
}
const ORIGIN: TextRule = {
  form: /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/,
  expected: 'has to be an origin as browsers send it: https://example.com, lower case, no path',
}
const FIELD_NAME: TextRule = {
  form: /^[^\r\n\0]{1,64}$/,
  expected: 'has to be the name of a form field',
}
const REDIRECT: TextRule = {
  form: { test: (text) => /^https?:\/\/[!-~]{1,2000}$/.test(text) && URL.canParse(text) },
  expected: 'has to be an address such as https://example.com/thanks',
}
const TOPIC: TextRule = {
  form: { test: (text) => snsPlace(text) !== undefined },
  expected: 'has to be the ARN of a topic: arn:aws:sns:eu-west-1:123456789012:name',
}
const MOST_TOPICS = 20
const MOST_ORIGINS = 20
const DEFAULT_PER_ADDRESS = 5

/** Undefined where its type is none; else as far as it could be read, to be used where nothing was pointed at. */
export function readSource(
  input: unknown,
  pointer: string,
  violations: Violation[],
): SourceConfig | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    violations.push({ pointer, code: 'field.wrong_type', message: 'has to be an object' })
    return undefined
  }
  const fields = new FieldReader(input, pointer, violations)
  const given = 'type' in input ? input.type : undefined
  const type = SOURCE_TYPES.find((known) => known === given)
  if (type === undefined) {
    fields.oneOf('type', SOURCE_TYPES, given === undefined ? ('' as SourceType) : 'form')
    return undefined
  }
  fields.oneOf('type', SOURCE_TYPES, type)
  const source = readFields(type, fields)
  fields.end()
  return source
}

function readFields(type: SourceType, fields: FieldReader): SourceConfig {
  switch (type) {
    case 'standard-webhooks':
    case 'stripe':
    case 'slack':
      return { type, tolerance: readTolerance(fields) }
    case 'github':
    case 'shopify':
    case 'basic':
      return { type }
    case 'meta':
      return { type, verify_token: fields.text('verify_token', VERIFY_TOKEN) }
    case 'gitlab': {
      const by = fields.oneOf('by', ['token', 'signature'], 'token')
      return { type, by, tolerance: readTolerance(fields) }
    }
    case 'twilio':
      return { type, url: fields.text('url', TWILIO_URL, null) }
    case 'sns': {
      const topics = fields.texts('topics', TOPIC, MOST_TOPICS)
      return { type, topics, tolerance: readTolerance(fields) }
    }
    case 'hmac':
      return readHmacSource(fields)
    case 'bearer':
      return { type, header: fields.text('header', HEADER_NAME, 'authorization').toLowerCase() }
    case 'form': {
      const origins = fields.texts('origins', ORIGIN, MOST_ORIGINS)
      return {
        type,
        origins,
        honeypot: fields.text('honeypot', FIELD_NAME, null),
        redirect: fields.text('redirect', REDIRECT, null),
        max_per_address: fields.integer('max_per_address', DEFAULT_PER_ADDRESS, 1, 1000),
      }
    }
  }
}
