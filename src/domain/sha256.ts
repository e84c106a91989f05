/** SHA-256, hex. */
export async function sha256(content: string | Uint8Array): Promise<string> {
  const octets = typeof content === 'string' ? new TextEncoder().encode(content) : content
  // A view into a request body may sit on any buffer; the digest takes the view as it is.
  const digest = await crypto.subtle.digest('SHA-256', octets as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, '0')).join('')
}
