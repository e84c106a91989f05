/** `Prefer: wait=N` (RFC 7240 §4.3). What can't be read is ignored, as the RFC asks. */

export const MAX_WAIT_S = 60

/** Whole seconds, 60 at most; null where the client doesn't ask to wait. */
export function readWait(header: string | undefined): number | null {
  for (const preference of header?.split(',') ?? []) {
    const [first = ''] = preference.split(';')
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*$/i.exec(first)?.[1]
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_S)
  }
  return null
}
