// Node 18 or newer, nothing to install: node send.js you@example.net "Hello" "It works."
// POSTERN_URL is the gateway, POSTERN_KEY a key with the scope `send`, POSTERN_FROM the sender.
import { randomUUID } from 'node:crypto'
import process from 'node:process'

const { POSTERN_URL, POSTERN_KEY, POSTERN_FROM } = process.env
const [to, subject, text] = process.argv.slice(2)
// One key per mail: a repeated request is answered again, never sent again.
const idempotencyKey = randomUUID()

async function send() {
  const response = await fetch(`${POSTERN_URL}/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${POSTERN_KEY}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify({ from: POSTERN_FROM, to, subject, text }),
    signal: AbortSignal.timeout(30_000),
  })
  const answer = await response.json()
  if (response.ok) return answer
  const error = new Error(`${answer.code}: ${answer.detail}`)
  error.retry = response.status === 429 || response.status >= 500
  throw error
}

async function sendWithRetry(tries = 4) {
  try {
    return await send()
  } catch (error) {
    if (tries === 1 || error.retry === false) throw error
    await new Promise((resolve) => setTimeout(resolve, 4000 / tries))
    return sendWithRetry(tries - 1)
  }
}

try {
  const { id, status } = await sendWithRetry()
  console.log(`${id} ${status}`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
