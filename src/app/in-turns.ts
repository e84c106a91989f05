/** Work on a list with few of it under way at a time. */

/** The platform lets six connections of a request be open. */
const AT_ONCE = 4

/** Results in the order of `list`. */
export async function inTurns<T, R>(
  list: readonly T[],
  work: (one: T, index: number) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = []
  const entries = list.entries()
  const turn = async () => {
    for (const [index, one] of entries) results[index] = await work(one, index)
  }
  await Promise.all(Array.from({ length: atOnce }, turn))
  return results
}
