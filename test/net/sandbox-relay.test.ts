import { expect, test } from 'vitest'
import { SandboxRelay } from '../../src/net/sandbox-relay.ts'

/** One attempt at a relay that was made anew, as after the end of the object's life. */
function attempt(to: string, message: string, number: number): (string | undefined)[] {
  const relay = new SandboxRelay(undefined, true)
  const mail = `MAIL FROM:<a@example.com> SIZE=2 RET=HDRS ENVID=${message}.${number}.0f0f`
  const lines = [mail, `RCPT TO:<${to}>`, 'DATA', 'Subject: a', '', '.']
  return lines.map((line) => relay.hear(line)?.text.slice(0, 3))
}

const TAKEN = ['250', '250', '354', undefined, undefined, '250']

test.each(['greylisted@sandbox.test', 'lost-after-dot@sandbox.test'])(
  '%s plays its story at the first attempt of each message, and of that alone',
  (to) => {
    expect(attempt(to, 'msg_1', 1)).not.toEqual(TAKEN)
    expect(attempt(to, 'msg_2', 1)).not.toEqual(TAKEN)
    expect(attempt(to, 'msg_1', 2)).toEqual(TAKEN)
    expect(attempt(to, 'msg_2', 11)).toEqual(TAKEN)
  },
)
