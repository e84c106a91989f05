/** What a login that failed, or wasn't tried, calls for: by the relay's words, else by the outcome. */

import { type LoginFacts, PASSWORD_ROWS, TOKEN_ROWS } from './login-advice-rows.ts'
import type { Advice, LoginCheck } from './relay-check.ts'
import type { Reply } from './reply.ts'

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
    what: 'The relay could not check the login now: that is no verdict on it.',
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

/** The same where it says another thing of a login by OAuth. */
const TOKEN_BY_OUTCOME: Record<string, Advice> = {
  auth_rejected: {
    what: 'The relay does not take the access token for this user.',
    do: 'Check auth.user, often the whole address, and that client and scope are for sending mail with this relay. PATCH also ends the back-off.',
  },
}

/** Undefined where there is nothing to say. */
export function loginAdvice(login: LoginCheck, facts: LoginFacts): Advice | undefined {
  const { outcome, retry_at, reply } = login
  if (outcome === 'not_tried') return login.route === null ? undefined : suspended(retry_at)
  const said = reply ? spoken(reply) : ''
  const row = (facts.oauth ? TOKEN_ROWS : PASSWORD_ROWS).find(
    (one) =>
      reply !== null &&
      (one.reply?.test(said) ?? true) &&
      (one.host?.test(facts.host) ?? true) &&
      (one.facts?.(facts) ?? true),
  )
  const advice = row ?? (facts.oauth ? TOKEN_BY_OUTCOME[outcome] : undefined) ?? BY_OUTCOME[outcome]
  return advice && { what: advice.what, do: advice.do }
}

function suspended(retryAt: string | null): Advice {
  return {
    what: 'This login failed before, or is being tried elsewhere right now. More tries could lock the account.',
    do:
      retryAt === null
        ? 'Give the right login with PATCH: a changed one is tried at once.'
        : `Give the right login with PATCH, which is tried at once, or wait until ${retryAt}.`,
  }
}

/** 44 characters of base64 that begin with the version 2 or 4; the secret key of an IAM user has 40. */
export function isSesPassword(password: string): boolean {
  return /^[AB][A-Za-z0-9+/]{43}$/.test(password)
}

function spoken({ code, enhanced, text }: Reply): string {
  return `${code} ${enhanced === undefined ? '' : `${enhanced} `}${text}`
}
