/** What to say where a text is not in the format that the description names. */
const FORMATS: Record<string, string> = {
  datetime: 'Write a time as 2026-12-01T09:00:00Z (RFC 3339).',
  'single-line': 'A line break or NUL may not stand here.',
  'relay-name': 'A relay name has 1 to 64 lower-case letters, digits and -.',
  'identity-name': 'An identity name has 1 to 64 lower-case letters, digits and -.',
  'template-name': 'A template name has 1 to 64 lower-case letters, digits and -.',
  'trigger-name': 'A trigger name has 1 to 64 lower-case letters, digits and -.',
  'rule-name': 'A rule name has 1 to 64 lower-case letters, digits and -.',
  'host-name': 'Give a host name alone, without port, path or blanks.',
  'idempotency-key': 'An idempotency key has 1 to 256 printable ASCII characters.',
  domain: 'Give a domain alone, such as example.com.',
  selector: 'A selector has letters, digits and -, with dots between labels.',
  tag: 'Write a tag as name:value.',
}

export function formatMessage(format: string): string {
  return FORMATS[format] ?? 'The value is not written as it has to be.'
}
