/**
 * Asks until the answer satisfies; fails with the last answer when it takes too long. Whoever takes long to answer is
 * asked less often: what is waited for would come later still.
 */
export async function until<T>(
  ask: () => Promise<T> | T,
  satisfies: (answer: T) => boolean,
  deadlineMs = 30_000,
): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const asked = performance.now()
    const answer = await ask()
    const took = performance.now() - asked
    if (satisfies(answer)) return answer
    if (performance.now() > end)
      throw new Error(`not in ${deadlineMs} ms; last: ${JSON.stringify(answer)?.slice(0, 2000)}`)
    await new Promise(resolve => setTimeout(resolve, Math.min(500, Math.max(50, 3 * took))))
  }
}
