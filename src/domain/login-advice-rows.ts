/**
 * What the words of a relay to a rejected login mean, and the cure: the big hosts by name. The first row that fits is
 * taken; whoever adds one adds the reply to test/golden/advice-cases.ts.
 */

import type { Advice } from './relay-check.ts'

/** What is known of the login beside the relay's answer. */
export interface LoginFacts {
  host: string
  user: string | null
  /** It logs in with an access token. */
  oauth: boolean
  /** The password has the shape of an SES SMTP password. */
  sesPassword: boolean
}

export interface LoginRow extends Advice {
  /** Against `535 5.7.8 text`. */
  reply?: RegExp
  host?: RegExp
  facts?: (facts: LoginFacts) => boolean
}

const APP_PASSWORD =
  'Make an app password at https://myaccount.google.com/apppasswords (the account needs 2-Step Verification) and give it as auth.password, the whole address as auth.user.'
const SES_CREDENTIALS =
  'Create SMTP credentials in the SES console (SMTP settings), in the region that the host name says, and give their user name and password.'

const SMTP_AUTH_OFF: LoginRow = {
  reply: /SmtpClientAuthentication is disabled|smtp_auth_disabled/i,
  what: 'SMTP AUTH is switched off in Microsoft 365, for the tenant or for this mailbox.',
  do: 'An administrator switches it on in Exchange Online: Set-CASMailbox -Identity USER -SmtpClientAuthenticationDisabled $false for this mailbox, or Set-TransportConfig -SmtpClientAuthenticationDisabled $false for all.',
}
const TENANT_POLICY: LoginRow = {
  reply: /security defaults policy|did not meet the criteria|conditional access/i,
  what: 'A policy of the Microsoft 365 tenant forbids this login: security defaults, Conditional Access or multi-factor authentication.',
  do: "The tenant's sign-in log (Microsoft Entra ID) names the policy; an administrator exempts this mailbox from it, and allows SMTP AUTH for it.",
}

/** Of logins with a password. */
export const PASSWORD_ROWS: readonly LoginRow[] = [
  {
    reply: /InvalidSecondFactor|application-specific password required/i,
    what: 'The relay wants an app password: this account has 2-Step Verification, and its own password does not log in over SMTP.',
    do: APP_PASSWORD,
  },
  {
    reply: /WebLoginRequired|log in (?:via|with) your web browser/i,
    what: 'Google wants to see the owner of this account in a browser first, and takes no account password over SMTP.',
    do: `Sign in at https://accounts.google.com and confirm that it is you. ${APP_PASSWORD}`,
  },
  {
    reply: /^454 .*too many login attempts/i,
    what: 'The relay saw too many logins of this account and takes none for a while.',
    do: 'Wait, and look for other programs that log in as this user. Fewer sessions (max_sessions) mean fewer logins.',
  },
  {
    reply: /^53[45] .*(?:p=BadCredentials|gsmtp)/is,
    what: 'Google does not take this user and password. It takes no account password over SMTP, only an app password.',
    do: APP_PASSWORD,
  },
  SMTP_AUTH_OFF,
  {
    reply: /basic authentication is disabled/i,
    what: 'Microsoft takes no password for this account any more, only OAuth: so it is with outlook.com, and with tenants that have basic authentication switched off.',
    do: 'Log in with OAuth (auth.oauth of the relay), use a mailbox for which an administrator allows SMTP AUTH with a password, or another relay.',
  },
  TENANT_POLICY,
  {
    reply: /^535 5\.7\.(?:3|139) /,
    host: /\.(?:office365|outlook)\.com$/,
    what: 'Microsoft 365 does not take this user and password: the password is wrong, SMTP AUTH is off for the mailbox, or the account wants more than a password.',
    do: 'Try the password in a browser. Let an administrator allow Authenticated SMTP for the mailbox (Set-CASMailbox -Identity USER -SmtpClientAuthenticationDisabled $false).',
  },
  {
    reply: /^535 /,
    host: /^email-smtp(?:-fips)?\..+\.amazonaws\.com$/,
    facts: ({ user, sesPassword }) => /^A[KS]IA/.test(user ?? '') && !sesPassword,
    what: 'The user is an AWS access key and the password is no SES SMTP password: the secret key of an IAM user does not log in over SMTP.',
    do: SES_CREDENTIALS,
  },
  {
    reply: /^535 /,
    host: /^email-smtp(?:-fips)?\..+\.amazonaws\.com$/,
    what: 'SES does not know these SMTP credentials. They hold for one region, and go when the IAM user or its access key goes.',
    do: SES_CREDENTIALS,
  },
  {
    reply: /^535 /,
    host: /^smtp(?:\.eu)?\.sendgrid\.net$/,
    facts: ({ user }) => user !== 'apikey',
    what: 'SendGrid does not know this user: over SMTP everybody is called apikey.',
    do: 'Give the word apikey as auth.user and an API key as auth.password.',
  },
  {
    reply: /^535 /,
    host: /^smtp(?:\.eu)?\.sendgrid\.net$/,
    what: 'SendGrid does not take this API key: it was cut short, revoked, or may not send mail.',
    do: 'Make an API key with the permission Mail Send and give it as auth.password.',
  },
  {
    reply: /^535 /,
    host: /\.mail\.(?:me|yahoo|aol)\.com$/,
    what: 'This provider takes no account password over SMTP, only an app password.',
    do: 'Make an app password in the security settings of the account and give it as auth.password.',
  },
  {
    reply: /app(?:lication)?[- ]?(?:specific )?password/i,
    what: 'The relay wants an application password: the password of the account itself does not log in over SMTP.',
    do: 'Make one in the security settings of the account and give it as auth.password.',
  },
]

/** Of logins by OAuth: the token endpoint gave the token, and the relay doesn't take it. */
export const TOKEN_ROWS: readonly LoginRow[] = [
  SMTP_AUTH_OFF,
  TENANT_POLICY,
  {
    reply: /^535 /,
    host: /\.gmail\.com$/,
    what: 'Google does not take the access token for this user: it is of another account, or not for mail.',
    do: 'Give as auth.user the address of the account that gave its consent, and have the consent given for the scope https://mail.google.com/.',
  },
  {
    reply: /^535 /,
    host: /\.(?:office365|outlook)\.com$/,
    what: 'Microsoft 365 does not take the access token for this mailbox: it lacks the permission for SMTP, the application may not use the mailbox, or SMTP AUTH is off for it.',
    do: 'Give the application SMTP.SendAsApp (client_credentials, scope https://outlook.office365.com/.default) or SMTP.Send (refresh_token), register its service principal in Exchange Online with access to the mailbox, and allow Authenticated SMTP for the mailbox.',
  },
]
