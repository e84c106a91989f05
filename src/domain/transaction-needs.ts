/** What a message asks of the session that carries it. */
export interface TransactionNeeds {
  smtputf8: boolean
  /** 8-bit content: BODY=8BITMIME or nothing. */
  eight_bit: boolean
}
