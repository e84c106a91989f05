/** The credential of a request: `Bearer <key>`, or Basic with the key as password, since many tools speak nothing else. */

/** The key's text; null where none is given, undefined where what is given can't be read. */
export function readCredential(authorization: string | undefined): string | null | undefined {
  if (authorization === undefined || authorization.trim() === '') return null
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value
    case 'basic':
      return readPassword(value)
    default:
      return undefined
  }
}

function readPassword(base64: string): string | undefined {
  let text: string
  try {
    text = atob(base64)
  } catch {
    return undefined
  }
  const colon = text.indexOf(':')
  return colon < 0 || colon === text.length - 1 ? undefined : text.slice(colon + 1)
}
