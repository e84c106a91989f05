/** A user name within a SASL message (RFC 5801 §4, `saslname`): comma and equals sign are written in another way. */
export function saslName(user: string): string {
  return user.replaceAll('=', '=3D').replaceAll(',', '=2C')
}
