/** What a seal is bound to: a ciphertext moved to another row, field or host doesn't open. */

/** Additional authenticated data: table, row id, field, and the host a credential may be given to. */
export function sealAad(table: string, row: string, field: string, host = ''): string {
  return JSON.stringify([table, row, field, host])
}

/** No key opens the seal: it was moved or altered, or its master key is gone. */
export class SealError extends Error {
  override readonly name = 'SealError'
  readonly code = 'config.seal'
}
