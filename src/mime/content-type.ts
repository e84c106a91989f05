/** The media type that a file name stands for. */

import { detectMimeType } from 'nodemailer/lib/mime-funcs'

const UNKNOWN = 'application/octet-stream'

/** `application/octet-stream` where the name says nothing, or names a multipart. */
export function contentTypeOf(filename: string | null): string {
  const type = filename ? detectMimeType(filename) : UNKNOWN
  return /^multipart\//.test(type) ? UNKNOWN : type
}
