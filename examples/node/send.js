// Node 18 or newer, nothing to install. Copy what you need.
import { randomUUID } from 'node:crypto'
import process from 'node:process'

const USAGE = `node send.js TO SUBJECT TEXT
POSTERN_URL is the gateway, POSTERN_KEY a key with the scope "send", POSTERN_FROM the sender.`

const { POSTERN_URL, POSTERN_KEY, POSTERN_FROM } = process.env
const WAITS_S = [1, 2]

/** Hands over a message; a repeated request with the same key is answered again, never sent again. */
async function send(message, idempotencyKey = randomUUID()) {
  for (let tries = 0; ; tries++) {
    try {
      return await post(message, idempotencyKey)
    } catch (error) {
      const wait = WAITS_S[tries]
      if (error.final || wait === undefined) throw error
      await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? wait) * 1000))
    }
  }
}

async function post(message, idempotencyKey) {
  const response = await fetch(new URL('/v1/messages', POSTERN_URL), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${POSTERN_KEY}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(30_000),
  })
  if (response.ok) return response.json()
  const { code = `HTTP ${response.status}`, detail = '' } = await response.json().catch(() => ({}))
  const retryAfter = response.headers.get('retry-after')
  throw Object.assign(new Error(`${code}: ${detail}`), {
    // 409: the first request is still running.
    final: response.status < 500 && response.status !== 409 && response.status !== 429,
    ...(retryAfter && { retryAfter: Number(retryAfter) }),
  })
}

const [to, subject, text] = process.argv.slice(2)
if (text === undefined || !POSTERN_URL || !POSTERN_KEY || !POSTERN_FROM) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  try {
    const { id, status } = await send({ from: POSTERN_FROM, to, subject, text })
    console.log(`${id} ${status}`)
  } catch (error) {
    console.error(`${error.message}${error.cause ? ` (${error.cause.code})` : ''}`)
    process.exitCode = 1
  }
}
