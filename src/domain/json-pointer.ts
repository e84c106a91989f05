/** A JSON Pointer (RFC 6901) from its unescaped parts. */
export function jsonPointer(parts: readonly PropertyKey[]): string {
  return parts
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}
