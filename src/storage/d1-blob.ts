/** Octets in D1: it answers a BLOB as an array of numbers, or as a buffer. */

import * as z from 'zod/mini'

/** A BLOB column. */
export const blobColumn = z.pipe(
  z.union([z.array(z.number()), z.instanceof(ArrayBuffer), z.instanceof(Uint8Array)]),
  z.transform(
    (value: number[] | ArrayBuffer | Uint8Array<ArrayBuffer>): Uint8Array => new Uint8Array(value),
  ),
)

/** In JSON, a list of octet strings is one of base64. */
export const base64List = z.array(
  z.pipe(
    z.string(),
    z.transform((text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))),
  ),
)

export function toBase64List(octets: Uint8Array[]): string {
  return JSON.stringify(octets.map((one) => Buffer.from(one).toString('base64')))
}
