/** Resolves with the promise, or after so many milliseconds without it; rejects where it rejects before. */
export async function withPatience(
  promise: Promise<unknown> | undefined,
  ms: number,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise, patience])
  clearTimeout(timer)
}
