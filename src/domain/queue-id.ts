/** The relay's own name for a mail, where its reply to the end of data tells one: what to ask the relay about. */

const FORMS: readonly RegExp[] = [
  /\bqueued as (\S+)/i, // Postfix, SendGrid, Cyrus, many that copy Postfix
  /\bqueued with id (\S+)/i, // Stalwart
  /\bOK\b.{0,8}\bid=(\S+)/i, // Exim
  /^OK\s+\d{9,}\s+(\S+)\s+-\s+gsmtp/i, // Gmail: time, id
  /\[InternalId=(\d+)/i, // Exchange Online
  /^OK\s+([0-9a-f]{16}-[0-9a-f]{8}-[0-9a-f-]{27,})\s*$/i, // Amazon SES
  /^(\S+) Message accepted for delivery/i, // OpenSMTPD, Sendmail
  /\bMessage Queued \(([^)\s]+)\)/i, // Haraka
  /^ok \d+ (qp \d+)/i, // qmail
]

/** From the reply's text, its enhanced code taken off. Null where the relay tells none. */
export function queueId(text: string): string | null {
  for (const form of FORMS) {
    const id = form.exec(text)?.[1]?.replace(/^["'(<]+|["')>.,;]+$/g, '')
    if (id && /^[\x21-\x7e ]{2,128}$/.test(id)) return id
  }
  return null
}
