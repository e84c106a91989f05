/** JSON with sorted keys and no blanks: equal values give equal text, in whatever order their fields were written. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
  return `{${fields.join(',')}}`
}

/** SHA-256, hex. */
export async function sha256(content: string | Uint8Array): Promise<string> {
  const octets = typeof content === 'string' ? new TextEncoder().encode(content) : content
  // A view into a request body may sit on any buffer; the digest takes the view as it is.
  const digest = await crypto.subtle.digest('SHA-256', octets as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, '0')).join('')
}
