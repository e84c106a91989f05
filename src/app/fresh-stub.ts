/**
 * A call of an object that comes to the same when it is made twice. An object that is reset while it answers, by a deploy
 * or a broken network, may have done its work: it is asked once more, on a fresh stub, since a broken one stays broken.
 */

/** `call` has to make its stub anew. */
export async function onFreshStub<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!mayBeRepeated(error)) throw error
    return call()
  }
}

/** What the runtime says of a call that broke. One that has too much to do would only get more of it. */
function mayBeRepeated(error: unknown): boolean {
  const { retryable, durableObjectReset, overloaded } = Object(error) as Record<string, unknown>
  return overloaded !== true && (retryable === true || durableObjectReset === true)
}
