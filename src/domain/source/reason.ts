/** Why a call is not taken. Neither title nor code says anything of secret or content. */

export const SOURCE_REASONS = {
  'source.method': { status: 405, title: 'The source does not call by this method' },
  'source.no_secret': { status: 503, title: 'The trigger has no secret to verify with' },
  'source.header_missing': { status: 401, title: 'A header that proves the source is missing' },
  'source.header_duplicate': { status: 401, title: 'A header that proves the source stands twice' },
  'source.header_malformed': { status: 401, title: 'A header that proves the source is malformed' },
  'source.mismatch': { status: 401, title: 'No secret of the trigger fits the call' },
  'source.too_old': { status: 401, title: 'The call was signed too long ago' },
  'source.too_new': { status: 401, title: 'The call was signed in the future' },
  'source.body_malformed': { status: 400, title: 'The body is none that this source sends' },
  'source.body_unsigned': { status: 401, title: 'The signature does not cover the body' },
  'source.origin': { status: 403, title: 'The form stands on another site' },
  // The route answers it like a success: whoever filled the field in need not learn of it.
  'source.honeypot': { title: 'The field that people leave empty is filled in' },
  'source.topic': { status: 403, title: 'The message is from another topic' },
  'source.certificate': {
    status: 401,
    title: 'The certificate of the signature is not to be trusted',
  },
  'source.unreachable': { status: 503, title: 'The source could not be asked back' },
} as const satisfies Record<string, { status?: number; title: string }>

/** What a refusal says to whoever called. */
export function refusalDetail({
  reason,
  header,
}: {
  reason: SourceReason
  header?: string
}): string {
  const { title } = SOURCE_REASONS[reason]
  return header === undefined ? title : `${title}: ${header}`
}

export type SourceReason = keyof typeof SOURCE_REASONS
