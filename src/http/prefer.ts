/** `Prefer: wait=N` (RFC 7240 §4.3). Preferences that aren't known are ignored, as the RFC asks. */

import { PosternError } from '../domain/errors.ts'

const MAX_WAIT_S = 60

/**
 * Whole seconds, 60 at most; null where the client doesn't ask to wait.
 * @throws PosternError `request.malformed` where it asks without saying how long
 */
export function readWait(header: string | undefined): number | null {
  for (const preference of header?.split(',') ?? []) {
    const [first = ''] = preference.split(';')
    const [name = '', value = ''] = first.split('=', 2).map((part) => part.trim())
    if (name.toLowerCase() !== 'wait') continue
    const seconds = /^(?:"(\d{1,9})"|(\d{1,9}))$/.exec(value)
    if (!seconds) throw malformed()
    return Math.min(Number(seconds[1] ?? seconds[2]), MAX_WAIT_S)
  }
  return null
}

function malformed(): PosternError {
  const message = 'Say how long to wait in whole seconds: Prefer: wait=10.'
  return new PosternError('request.malformed', message, {
    violations: [{ pointer: '/header/Prefer', code: 'field.format', message }],
  })
}
