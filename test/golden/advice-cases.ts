/** What relays really say to a login that they don't take, and ladders as they break. */

export interface LoginCase {
  /** As toReply gives it: the lines joined, the enhanced code once. */
  reply: string
  host?: string
  user?: string
  sesPassword?: boolean
  oauth?: boolean
}

const SES = 'email-smtp.eu-west-1.amazonaws.com'
const M365 = 'smtp.office365.com'

export const LOGINS: LoginCase[] = [
  {
    host: 'smtp.gmail.com',
    reply:
      '534 5.7.9 Application-specific password required. For more information, go to\nhttps://support.google.com/mail/?p=InvalidSecondFactor h26sm30121397pfq.64 - gsmtp',
  },
  {
    host: 'smtp.gmail.com',
    reply:
      '535 5.7.8 Username and Password not accepted. For more information, go to\nhttps://support.google.com/mail/?p=BadCredentials m16sm14678301pfd.127 - gsmtp',
  },
  {
    host: 'smtp.gmail.com',
    reply:
      '534 5.7.9 Please log in with your web browser and then try again. Learn more at\nhttps://support.google.com/mail/?p=WebLoginRequired p26-20020a62ab1a sm205331pff.189 - gsmtp',
  },
  {
    host: 'smtp.gmail.com',
    reply:
      '534 5.7.14 Please log in via your web browser and\nthen try again.\nLearn more at\nhttps://support.google.com/mail/answer/78754 u9sm6356280wrm.70 - gsmtp',
  },
  {
    host: 'smtp.gmail.com',
    reply:
      '454 4.7.0 Too many login attempts, please try again later. For more information, go to\nhttps://support.google.com/mail/answer/7126229 o6sm14466556pfp.172 - gsmtp',
  },
  {
    host: M365,
    reply:
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [MN2PR05CA0004.namprd05.prod.outlook.com 2026-09-12T20:59:57.214Z 08DBB276B7E699C4]',
  },
  {
    host: M365,
    reply:
      "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator. [AM0PR02CA0091.eurprd02.prod.outlook.com]",
  },
  {
    host: M365,
    reply:
      '535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator. [AM0PR02CA0091.eurprd02.prod.outlook.com]',
  },
  {
    host: 'smtp-mail.outlook.com',
    reply:
      '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [PN0PR01CA0024.INDPRD01.PROD.OUTLOOK.COM 2026-01-26T18:54:30.055Z 08DD3DD7D75D7743]',
  },
  {
    host: M365,
    reply: '535 5.7.3 Authentication unsuccessful [DB6P18901CA0015.EURP189.PROD.OUTLOOK.COM]',
  },
  { host: SES, user: 'AKIAIOSFODNN7EXAMPLE', reply: '535 Authentication Credentials Invalid' },
  {
    host: SES,
    user: 'AKIAIOSFODNN7EXAMPLE',
    sesPassword: true,
    reply: '535 Authentication Credentials Invalid',
  },
  {
    host: 'smtp.sendgrid.net',
    reply: '535 Authentication failed: Bad username / password',
  },
  {
    host: 'smtp.sendgrid.net',
    user: 'apikey',
    reply:
      '535 Authentication failed: The provided authorization grant is invalid, expired, or revoked',
  },
  {
    host: 'smtp.mail.yahoo.com',
    reply: '535 5.7.0 (#AUTH005) Too many bad auth attempts.',
  },
  { reply: '535 5.7.8 Error: authentication failed: an application-specific password is needed' },
  // Postfix with Dovecot, Exim, Exchange on one's own server.
  { reply: '535 5.7.8 Error: authentication failed: (reason unavailable)' },
  { reply: '535 Incorrect authentication data' },
  { reply: '535 5.7.3 Authentication unsuccessful' },
  { reply: '534 5.7.9 Authentication mechanism is too weak' },
  { reply: '432 4.7.12 A password transition is needed' },
  { reply: '454 4.7.0 Temporary authentication failure: Connection lost to authentication server' },
  { reply: '504 5.5.4 Unrecognized authentication type' },
  // With an access token.
  {
    host: 'smtp.gmail.com',
    oauth: true,
    reply:
      '535 5.7.8 Username and Password not accepted. For more information, go to\nhttps://support.google.com/mail/?p=BadCredentials m16sm14678301pfd.127 - gsmtp',
  },
  {
    host: M365,
    oauth: true,
    reply: '535 5.7.3 Authentication unsuccessful [DB6P18901CA0015.EURP189.PROD.OUTLOOK.COM]',
  },
  {
    host: M365,
    oauth: true,
    reply:
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. [MN2PR05CA0004.namprd05.prod.outlook.com]',
  },
  { oauth: true, reply: '535 5.7.8 Error: authentication failed: invalid_token' },
  { oauth: true, reply: '454 4.7.0 Temporary authentication failure' },
]

type Ladder = Record<string, string>

const both = (one: string, other: string): Ladder => ({
  '587/starttls': one,
  '465/implicit': other,
})

export const ROUTES: Ladder[] = [
  both('connect_failed', 'ok'),
  both('ok', 'connect_timeout'),
  { '587/starttls': 'connect_failed', '465/implicit': 'ok', '2525/starttls': 'connect_timeout' },
  both('connect_failed', 'connect_timeout'),
  both('connect_refused', 'connect_refused'),
  both('ok', 'banner_timeout'),
  both('protocol_error', 'relay_busy'),
  both('relay_refuses', 'relay_refuses'),
  both('ehlo_unsupported', 'ehlo_name'),
  both('tls_not_offered', 'ok'),
  both('tls_refused', 'starttls_injection'),
  both('tls_handshake', 'tls_untrusted'),
  both('auth_unavailable', 'auth_unavailable'),
  { '587/starttls': 'ok', '2587/starttls': 'not_tried' },
]
