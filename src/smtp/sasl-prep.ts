/**
 * SASLprep (RFC 4013), so that two keyboards that write a password in two ways prove the same one. What the runtime
 * doesn't know is left out: characters that Unicode 3.2 had not assigned pass (as RFC 3454 §7 lets queries), and of
 * characters written from left to right only letters are known.
 */

/** RFC 3454 C.1.2: become a space. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu
/** B.1: vanish. */
const NOTHING =
  /\u00ad|\u034f|\u1806|\u180b|\u180c|\u180d|\u200c|\u200d|\u2060|\ufeff|[\u{fe00}-\u{fe0f}]/gu
/** C.2 to C.9. */
const PROHIBITED = new RegExp(
  [
    '[\\u0000-\\u001f\\u007f-\\u009f\\u06dd\\u070f\\u180e\\u2028\\u2029\\u2060-\\u2063\\u206a-\\u206f]',
    '[\\ufeff\\ufff9-\\ufffd\\u{1d173}-\\u{1d17a}]',
    '\\p{Co}|\\p{Cs}|\\p{Noncharacter_Code_Point}',
    '[\\u2ff0-\\u2ffb\\u200e\\u200f\\u202a-\\u202e\\u{e0001}\\u{e0020}-\\u{e007f}]',
    '\\u0340|\\u0341|\\u200c|\\u200d',
  ].join('|'),
  'u',
)
/** D.1. */
const RIGHT_TO_LEFT =
  /^[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc]$/u
const LETTER = /^\p{L}$/u

/** The text in its one form, or undefined where it holds what may not be in it. */
export function saslPrep(text: string): string | undefined {
  const prepared = text.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC')
  return PROHIBITED.test(prepared) || !isOneDirection(prepared) ? undefined : prepared
}

/** RFC 3454 §6: what holds right-to-left characters begins and ends with them, and no others are letters. */
function isOneDirection(text: string): boolean {
  const characters = [...text]
  const isRight = (character: string | undefined) => RIGHT_TO_LEFT.test(character ?? '')
  if (!characters.some(isRight)) return true
  const mixed = characters.some((one) => LETTER.test(one) && !isRight(one))
  return !mixed && isRight(characters[0]) && isRight(characters.at(-1))
}
