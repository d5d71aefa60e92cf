import { setTimeout as pause } from 'node:timers/promises'

/** How many times as long as a slice takes nothing is done after it while readings come in. */
const REST = 4

/**
 * Does slices of work until one finds nothing to do, or the signal ends it. One during which `writes` has grown is
 * followed by a rest: hours that fill from a backlog are rolled up again and again, which must not take the time that
 * filling them needs.
 */
export async function workInSlices(
  slice: () => Promise<boolean>,
  writes: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now()
    const before = writes()
    if (!(await slice())) return
    if (writes() === before) continue
    await pause(REST * (performance.now() - began), undefined, { signal }).catch(() => {}) // aborted: no rest
  }
}
