/**
 * The one table of alarms: what is wrong and what a person does about it. Each code has a section in docs/runbook.md.
 * An alarm says that mail waits for a person; it never says that mail was lost. A code is never renamed or reused.
 */

export interface AlarmText {
  what: string
  do: string
}

export const ALARMS = {
  'relay.unreachable': {
    what: 'No route to the relay works.',
    do: 'Read which routes fail, and how, in GET /v1/relays/{id}. If others fail to reach it too, ask the relay; if only this gateway does, add another port or relay.',
  },
  'relay.config': {
    what: 'The relay cannot be used as it is configured.',
    do: 'Read the detail, then correct the relay with PATCH /v1/relays/{id}.',
  },
  'relay.greeting_refused': {
    what: 'The relay greets with a refusal instead of taking commands.',
    do: 'Read its words in the delivery log: a blocked address or a closed service. Ask the relay, or use another one.',
  },
  'relay.ehlo_name': {
    what: 'The relay dislikes the name this gateway gives in EHLO.',
    do: 'Set ehlo_name of the relay to a name that resolves, with PATCH /v1/relays/{id}.',
  },
  'relay.tls_untrusted': {
    what: 'TLS with the relay cannot be proven: certificate untrusted, expired or for another name, or no handshake.',
    do: 'Compare the host name with the certificate and its dates. Nothing is sent until it fits; there is no switch to ignore it.',
  },
  'relay.possible_strip': {
    what: 'The relay offered STARTTLS before and does not now: somebody may be removing it on the way.',
    do: 'Prefer 465/implicit in the routes of the relay. Ask the relay and the network whether something rewrites SMTP.',
  },
  'relay.starttls_injection': {
    what: 'Octets arrived after the reply to STARTTLS and before TLS: somebody may be injecting commands.',
    do: 'Prefer 465/implicit in the routes of the relay. Treat the network between as hostile until it is explained.',
  },
  'relay.auth_unavailable': {
    what: 'The relay offers no way to log in that the credential can use.',
    do: 'Check that the port is a submission port, and that the account may log in there: with a password by SCRAM-SHA-256, PLAIN or LOGIN, with OAuth by OAUTHBEARER or XOAUTH2.',
  },
  'relay.auth_rejected': {
    what: 'The relay rejects the user, or the password or access token. Postern tries again seldom, so as not to lock the account.',
    do: 'Send the right password or OAuth secrets with PATCH /v1/relays/{id}: waiting mail goes out at once. POST /v1/relays/{id}/check with {"login": true} names the likely cause.',
  },
  'relay.auth_mechanism': {
    what: 'The relay wants another way to log in, or a change of the account first.',
    do: 'Look into the account at the relay (application password, OAuth, forced change), then PATCH /v1/relays/{id}.',
  },
  'relay.auth_failing': {
    what: 'Logging in keeps failing without a verdict on the password.',
    do: 'Ask the relay whether its login works. Fewer sessions (max_sessions) help where it limits logins.',
  },
  'relay.oauth_rejected': {
    what: 'The token endpoint of the relay refuses the OAuth client or its grant: there is no access token to log in with.',
    do: 'Read the detail in the log, mend client or consent at the provider, then PATCH /v1/relays/{id} with the new secret: waiting mail goes out at once.',
  },
  'relay.oauth_failing': {
    what: 'No access token can be had: the token endpoint of the relay keeps failing without a verdict.',
    do: 'Read the detail in the log. Check token_url and whether the provider has an outage; it is asked again by itself.',
  },
  'relay.auth_unproven': {
    what: 'The relay accepted the login, but could not prove that it knows the password: it may not be the server it claims to be.',
    do: 'Nothing is sent there. Ask the relay whether its SCRAM works and whose certificate it shows; until then use another relay.',
  },
  'relay.relaying_denied': {
    what: 'The relay says it does not relay for this account.',
    do: 'Check the account and the sender domains at the relay, and whether the relay needs a credential.',
  },
  'relay.refused': {
    what: 'The relay refuses the account, not a message. It is paused so that no mail fails for it.',
    do: 'Read its words in the delivery log, mend the account, then PATCH or flush the relay.',
  },
  'relay.quota': {
    what: 'The quota of the account at the relay, or its max_per_day, is used up. Its mail goes to the next relay where it may, or waits until that resets.',
    do: 'Wait, raise the quota, or add a second relay (for max_per_day with spill_over). Then flush the relay, or raise max_per_day with PATCH /v1/relays/{id}.',
  },
  'outcome.unknown': {
    what: 'The last octets of a message left and no complete reply came: the relay may or may not have it.',
    do: 'Look for the Message-ID at the relay, then POST /v1/messages/{id}/resolve with relayed or not_sent.',
  },
  'storage.full': {
    what: 'A shard has reached its storage limit and takes no new mail.',
    do: 'Shorten RETAIN_CONTENT_DAYS, raise STORAGE_LIMIT, or add shards with OUTBOX_SHARDS.',
  },
  'relay.gone': {
    what: 'Mail waits for a relay that was removed.',
    do: 'Hand it to another relay with DELETE /v1/relays/{id}?move_to=NAME, which says what has to be settled first; or add the relay again.',
  },
  'relay.gate_unreachable': {
    what: 'The object that keeps the state of the relay does not answer: no new session with it can begin.',
    do: 'Look for errors of RelayGate in the Workers logs; it is asked again by itself.',
  },
  'shard.unreachable': {
    what: 'A shard does not answer: its mail waits, and its part of this status is missing.',
    do: 'Look for errors of Outbox in the Workers logs; cron wakes the shard every minute.',
  },
  'e2ee.key_expiring': {
    what: "A sender's signing key ends soon, or has ended: from then on its mail is not signed, and refused where it has to be.",
    do: 'Renew the certificate or key and send it with PUT /v1/e2ee/identities/{id}.',
  },
  'sweep.stale': {
    what: 'The last sweep is too long ago: retries and retention may be late.',
    do: 'Check that the cron trigger is deployed and does not fail (Workers dashboard, Cron events).',
  },
} as const satisfies Record<string, AlarmText>

export type AlarmCode = keyof typeof ALARMS

function isAlarmCode(code: string): code is AlarmCode {
  return Object.hasOwn(ALARMS, code)
}

/**
 * The texts of a code, with the relay's name in the calls they show. A code that this version doesn't know (a newer one
 * wrote it) still says where to look.
 */
export function alarmText(code: string, relay: string | null = null): AlarmText {
  if (!isAlarmCode(code)) {
    return { what: `Alarm ${code}.`, do: 'Read docs/runbook.md of the version that is deployed.' }
  }
  const { what, do: todo } = ALARMS[code]
  return { what, do: todo.replaceAll('relays/{id}', `relays/${relay ?? '{id}'}`) }
}
