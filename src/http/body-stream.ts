/** The octets of a request body as they come in, from a client that may fall silent, hang up, or send for ever. */

import { PosternError } from '../domain/errors.ts'

/** While it is waited for, each such part of a body may take so long: an old modem keeps that up. */
const PACE = { octets: 64 * 1024, ms: 15_000 }

/** What is taken of a body that nobody wants: the rest of a mail somewhat too large, from a line that isn't slow. */
const DISCARD = { octets: 60 * 1024 * 1024, ms: 5000 }

const READ_OCTETS = 64 * 1024

/** One reader for each request, so that whoever comes later goes on where the last one stopped; null: no more will come. */
const readers = new WeakMap<Request, ReadableStreamBYOBReader | null>()

/** Octets the client says it will send; 0 where it doesn't say. */
export function declaredLength(request: Request): number {
  return Number(request.headers.get('content-length') ?? 0)
}

/** @throws PosternError `request.timeout`, `request.malformed` where the body is cut off or chunked wrongly */
export async function* bodyOctets(
  request: Request,
  pace = PACE,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = readerOf(request)
  if (reader === null) return
  let buffer = new Uint8Array(READ_OCTETS)
  let came = 0
  let left = pace.ms
  for (;;) {
    const asked = Date.now()
    const next = await within(left, reader.read(buffer)).catch((error) => {
      throw new PosternError('request.malformed', 'The body ended before it was complete.', {
        cause: error,
      })
    })
    if (next === 'late' || next.done) readers.set(request, null)
    if (next === 'late') throw tooSlow(pace)
    if (next.done) return
    came += next.value.length
    left -= Date.now() - asked
    if (came >= pace.octets) {
      came = 0
      left = pace.ms
    }
    yield next.value.slice()
    buffer = new Uint8Array(next.value.buffer)
  }
}

/**
 * Reads what is left of the body and keeps none of it: many clients send all before they read, and would see a broken
 * connection in place of the answer. A client that asked first (Expect) waits for the answer and sends nothing.
 */
export async function discardRest(request: Request): Promise<void> {
  if (request.headers.has('expect') || declaredLength(request) > DISCARD.octets) return
  const reader = readerOf(request)
  if (reader === null) return
  // A client that hangs up wants no answer either.
  await within(DISCARD.ms, discard(reader)).catch(() => undefined)
}

async function discard(reader: ReadableStreamBYOBReader): Promise<void> {
  let buffer = new Uint8Array(READ_OCTETS)
  let octets = 0
  while (octets < DISCARD.octets) {
    const { done, value } = await reader.read(buffer)
    if (done) return
    octets += value.length
    buffer = new Uint8Array(value.buffer)
  }
}

function readerOf(request: Request): ReadableStreamBYOBReader | null {
  const known = readers.get(request)
  if (known !== undefined) return known
  if (request.body === null) return null
  const reader = request.body.getReader({ mode: 'byob' })
  readers.set(request, reader)
  return reader
}

function tooSlow({ octets, ms }: typeof PACE): PosternError {
  return new PosternError(
    'request.timeout',
    `${octets / 1024} KiB of the body took longer than ${ms / 1000} seconds: nothing was stored, send it again.`,
  )
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late')
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
