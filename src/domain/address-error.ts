export type AddressReason =
  | 'empty'
  | 'malformed'
  | 'control_character'
  | 'comment'
  | 'group'
  | 'several'
  | 'address_literal'
  | 'local_part'
  | 'domain'
  | 'too_long'
  | 'name'

/** An address that is refused. The text says what to write instead and never repeats the address. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly reason: AddressReason

  constructor(reason: AddressReason, message: string) {
    super(message)
    this.reason = reason
  }
}
