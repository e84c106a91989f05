/** The octets of a request body as they come in, from a client that may fall silent, hang up, or send for ever. */

import { PosternError } from '../domain/errors.ts'

/** While it is waited for, each such part of a body may take so long: an old modem keeps that up. */
export const PACE = { octets: 64 * 1024, ms: 15_000 }

const READ_OCTETS = 64 * 1024

/** One reader for each request: whoever comes later goes on where the last one stopped. */
const readers = new WeakMap<Request, ReadableStreamBYOBReader>()

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
  if (reader === undefined) return
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

function readerOf(request: Request): ReadableStreamBYOBReader | undefined {
  const known = readers.get(request)
  if (known !== undefined || request.body === null) return known
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
