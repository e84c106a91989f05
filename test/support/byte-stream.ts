/** A byte stream of these chunks, each asked for when the last one was taken: what a runtime's request body is. */
export function byteStream(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  const iterator =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (!done) return controller.enqueue(new Uint8Array(value))
      controller.close()
      // A reader that brought its own buffer gets it back only so.
      controller.byobRequest?.respond(0)
    },
  })
}
