/**
 * The one table of what keeps a message from being signed or encrypted: the same word in problem, log and event.
 * A code is never renamed or reused. Whatever the code, nothing was sent in clear.
 */

import { KEY_CODES } from './key-code.ts'

/** Who can mend it. */
export type E2eeParty = 'sender' | 'recipient' | 'message' | 'policy' | 'service'

export interface E2eeKind {
  party: E2eeParty
  /** Of a request that ends with it. */
  status: 403 | 409 | 422 | 503
  /** The same request may succeed later without a change. Where it is false a client must not repeat it, least of all in clear. */
  retryable: boolean
  /** What is wrong, the same for every occurrence. */
  title: string
  /** What to do about it. */
  hint: string
}

export const E2EE_CODES = {
  'policy.encryption_required': {
    party: 'policy',
    status: 422,
    retryable: false,
    title: 'The message must be encrypted and cannot be',
    hint: 'Mend what the recipients say; sending it without encryption is for the operator to allow',
  },
  'policy.signature_required': {
    party: 'policy',
    status: 422,
    retryable: false,
    title: 'The message must be signed and cannot be',
    hint: 'Give the sender a signing key; sending it without a signature is for the operator to allow',
  },
  'policy.loosening_refused': {
    party: 'policy',
    status: 403,
    retryable: false,
    title: 'A request may ask for more protection, never for less',
    hint: 'Leave the field out, or have the operator change the policy',
  },
  'policy.plain_for_all': {
    party: 'policy',
    status: 422,
    retryable: false,
    title: 'Another recipient has no usable key, and then the policy has all get it in clear',
    hint: 'Mend that key, or have the operator change what follows from a missing one',
  },
  ...KEY_CODES,
  'discovery.unavailable': {
    party: 'service',
    status: 503,
    retryable: true,
    title: 'The key could not be looked up',
    hint: 'Upload the key, or try again later: that the place does not answer does not say that there is no key',
  },
  'signer.not_configured': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: 'The sender has no signing key',
    hint: 'Give this From address an identity',
  },
  'signer.identity_mismatch': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: 'The signing key does not name the From address',
    hint: 'Use a key or certificate that names it, or send from the address that it names',
  },
  'signer.expired': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: "The sender's own key has expired",
    hint: 'Renew it and upload it anew',
  },
  'signer.unusable': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: "The sender's own key cannot sign",
    hint: 'Give this From address an identity whose certificate is for signing and valid now',
  },
  'signer.self_incapable': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: "The sender's own key does not take the cipher that the recipients' keys do",
    hint: 'The recipients can read it. Renew the own key with the capability, or have the rule say the profile "compatible"',
  },
  'signer.locked': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: 'The signing key is locked and no passphrase is set',
    hint: 'Set its passphrase, or upload the key without one: it is sealed here',
  },
  'signer.bad_passphrase': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: 'The passphrase does not unlock the signing key',
    hint: 'Set the right passphrase',
  },
  'signer.unlock_unsupported': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: 'The signing key is locked in a way that cannot be undone here',
    hint: 'Upload it without a passphrase, or locked with fewer rounds and without Argon2',
  },
  'signer.unavailable': {
    party: 'service',
    status: 503,
    retryable: true,
    title: 'The signer does not answer',
    hint: 'Try again later',
  },
  'signer.refused': {
    party: 'sender',
    status: 422,
    retryable: false,
    title: 'The signer refused to sign',
    hint: 'Look at its own log: this key may not sign this',
  },
  'message.already_protected': {
    party: 'message',
    status: 422,
    retryable: false,
    title: 'The message is signed or encrypted already',
    hint: 'Send it without asking for protection, or hand in its plain content',
  },
  'message.uncanonicalisable': {
    party: 'message',
    status: 422,
    retryable: false,
    title: 'The content cannot be put into the 7-bit form that survives its way',
    hint: 'Encode the part that is named, or attach it as application/octet-stream',
  },
  'message.too_large': {
    party: 'message',
    status: 422,
    retryable: false,
    title: 'The protected message would be too large',
    hint: 'Encryption makes an attachment 1.9 times as large; send less, or a link',
  },
  'message.bad_header': {
    party: 'message',
    status: 422,
    retryable: false,
    title: 'A header field cannot be protected',
    hint: 'Mend or leave out the field that is named',
  },
  'provider.missing': {
    party: 'service',
    status: 422,
    retryable: false,
    title: 'There is no provider for this protocol',
    hint: 'Have the operator configure one; a missing provider never means no encryption',
  },
  'provider.unsupported_operation': {
    party: 'service',
    status: 422,
    retryable: false,
    title: 'The provider cannot do this operation',
    hint: 'Ask for an operation that its capabilities name',
  },
  'provider.failed': {
    party: 'service',
    status: 422,
    retryable: false,
    title: 'The provider failed',
    hint: 'Tell the operator: the log has the cause. Nothing was sent',
  },
  'platform.limit': {
    party: 'service',
    status: 422,
    retryable: false,
    title: 'The operation needs more than the platform gives',
    hint: 'Send less at once, or use a key that takes fewer rounds to unlock',
  },
} as const satisfies Record<string, E2eeKind>

export type E2eeCode = keyof typeof E2EE_CODES
