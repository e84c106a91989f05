/** What content asks of the session that carries it. */
export interface ContentNeeds {
  smtputf8: boolean
  /** 8-bit content: BODY=8BITMIME or nothing. */
  eight_bit: boolean
}

/** What a message asks of it. */
export interface TransactionNeeds extends ContentNeeds {
  /** REQUIRETLS (RFC 8689): it goes nowhere without. */
  require_tls: boolean
}

/** What the sender wants to be told of the mail's way, asked of relays that offer it (RFC 3461). */
export interface DsnRequest {
  /** Comes back in every notification; at most 100 characters. */
  envid: string
  /** `never`, or any of `failure` and `delay`; null leaves it to the relay. */
  notify: string[] | null
}
