/**
 * What the words of a relay to a rejected login mean, and the cure: the big hosts by name, everybody else by the outcome.
 * The first row that fits is taken; whoever adds one adds the reply to test/golden/advice.test.ts.
 */

import type { Advice, LoginCheck } from './relay-check.ts'
import type { Reply } from './reply.ts'

/** What is known of the login beside the relay's answer. */
export interface LoginFacts {
  host: string
  user: string | null
  /** The password has the shape of an SES SMTP password. */
  sesPassword: boolean
}

interface LoginRow extends Advice {
  /** Against `535 5.7.8 text`. */
  reply?: RegExp
  host?: RegExp
  user?: (facts: LoginFacts) => boolean
}

const APP_PASSWORD =
  'Make an app password at https://myaccount.google.com/apppasswords (the account needs 2-Step Verification) and give it as auth.password, the whole address as auth.user.'
const SES_CREDENTIALS =
  'Create SMTP credentials in the SES console (SMTP settings), in the region that the host name says, and give their user name and password.'

const REJECTED: readonly LoginRow[] = [
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
  {
    reply: /SmtpClientAuthentication is disabled|smtp_auth_disabled/i,
    what: 'SMTP AUTH is switched off in Microsoft 365, for the tenant or for this mailbox.',
    do: 'An administrator switches it on in Exchange Online: Set-CASMailbox -Identity USER -SmtpClientAuthenticationDisabled $false for this mailbox, or Set-TransportConfig -SmtpClientAuthenticationDisabled $false for all.',
  },
  {
    reply: /basic authentication is disabled/i,
    what: 'Microsoft takes no password for this account any more, only OAuth: so it is with outlook.com, and with tenants that have basic authentication switched off.',
    do: 'Log in with OAuth (auth.oauth of the relay), use a mailbox for which an administrator allows SMTP AUTH with a password, or another relay.',
  },
  {
    reply: /security defaults policy|did not meet the criteria|conditional access/i,
    what: 'A policy of the Microsoft 365 tenant forbids this login: security defaults, Conditional Access or multi-factor authentication.',
    do: "The tenant's sign-in log (Microsoft Entra ID) names the policy; an administrator exempts this mailbox from it, and allows SMTP AUTH for it.",
  },
  {
    reply: /^535 5\.7\.(?:3|139) /,
    host: /\.(?:office365|outlook)\.com$/,
    what: 'Microsoft 365 does not take this user and password: the password is wrong, SMTP AUTH is off for the mailbox, or the account wants more than a password.',
    do: 'Try the password in a browser. Let an administrator allow Authenticated SMTP for the mailbox (Set-CASMailbox -Identity USER -SmtpClientAuthenticationDisabled $false).',
  },
  {
    reply: /^535 /,
    host: /^email-smtp(?:-fips)?\..+\.amazonaws\.com$/,
    user: ({ user, sesPassword }) => /^A[KS]IA/.test(user ?? '') && !sesPassword,
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
    user: ({ user }) => user !== 'apikey',
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

/** Where no row fits the reply. */
const BY_OUTCOME: Record<string, Advice> = {
  auth_rejected: {
    what: 'The relay does not take this user and password.',
    do: 'Check both, letter by letter; many relays want the whole address as user. Give the right ones with PATCH, which also ends the back-off.',
  },
  auth_mechanism: {
    what: 'The relay wants another way to log in than a plain password.',
    do: 'Read its reply; look in the account for application passwords or for a switch that allows SMTP logins.',
  },
  auth_transition: {
    what: 'The relay wants the password changed before it logs anybody in.',
    do: 'Change it at the relay, then give the new one with PATCH.',
  },
  auth_temp: {
    what: 'The relay could not check the login now: that says nothing about the password.',
    do: 'Try again in a few minutes; if it stays so, ask the relay about its login service.',
  },
  auth_unproven: {
    what: 'The relay accepted the login but could not prove that it knows the password: it may not be the server it claims to be.',
    do: 'Nothing is sent there. Ask the relay whether its SCRAM works and whose certificate it shows.',
  },
  oauth_rejected: {
    what: 'The token endpoint refuses the OAuth client or its grant: the secret is wrong or over, or the consent was taken back.',
    do: 'Read what it said in login.detail, mend it at the provider, and give the new client_secret or refresh_token with PATCH.',
  },
  oauth_temp: {
    what: 'The token endpoint gave no access token now, and no verdict on the OAuth client either.',
    do: 'Check token_url. If it is right, try again in a few minutes; the provider may have an outage.',
  },
  auth_unavailable: {
    what: 'The relay knows none of the ways to log in that this credential can use.',
    do: 'Allow one of them for the account: with a password SCRAM-SHA-256, PLAIN or LOGIN, with OAuth OAUTHBEARER or XOAUTH2.',
  },
  relay_config: {
    what: 'The stored secret does not open with this master key.',
    do: 'Give it again with PATCH, or put the earlier key into POSTERN_MASTER_KEY_PREVIOUS.',
  },
}

/** Undefined where there is nothing to say. */
export function loginAdvice(login: LoginCheck, facts: LoginFacts): Advice | undefined {
  const { outcome, retry_at, reply } = login
  if (outcome === 'not_tried') return login.route === null ? undefined : suspended(retry_at)
  const said = reply ? spoken(reply) : ''
  const row = REJECTED.find(
    (one) =>
      reply !== null &&
      (one.reply?.test(said) ?? true) &&
      (one.host?.test(facts.host) ?? true) &&
      (one.user?.(facts) ?? true),
  )
  const advice = row ?? BY_OUTCOME[outcome]
  return advice && { what: advice.what, do: advice.do }
}

function suspended(retryAt: string | null): Advice {
  return {
    what: 'This login failed before, or is being tried elsewhere right now. More tries could lock the account.',
    do:
      retryAt === null
        ? 'Give the right user and password with PATCH: a changed login is tried at once.'
        : `Give the right user and password with PATCH, which is tried at once, or wait until ${retryAt}.`,
  }
}

/** 44 characters of base64 that begin with the version 2 or 4; the secret key of an IAM user has 40. */
export function isSesPassword(password: string): boolean {
  return /^[AB][A-Za-z0-9+/]{43}$/.test(password)
}

function spoken({ code, enhanced, text }: Reply): string {
  return `${code} ${enhanced === undefined ? '' : `${enhanced} `}${text}`
}
