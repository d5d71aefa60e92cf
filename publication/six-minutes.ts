import { MINUTE_MS } from '../model/time.ts'
import type { Aggregate } from '../store/readings.ts'

/** The base sequence of French traffic counters (SIREDO). */
export const SIX_MINUTES_MS = 6 * MINUTE_MS

/**
 * Vehicles of each six minutes from the first on whose beginning is known, up to the last that is over: the index at the
 * end less that at the beginning, each read within an interval before. Undefined where one of them is not known, or where
 * the index fell, as when a counter is replaced.
 * @param minutes ascending, of UTC
 * @param interval between two readings, ms
 */
export function sixMinuteCounts(
  minutes: readonly Pick<Aggregate, 'start' | 'end' | 'min' | 'last'>[],
  interval: number,
  now: number,
): { start: number; count: number | undefined }[] {
  const known = new Map(minutes.filter(({ end }) => end <= now).map(minute => [minute.start, minute]))
  const back = Math.max(1, Math.ceil(interval / MINUTE_MS))
  const indexAt = (time: number) => {
    for (let n = 1; n <= back; n++) {
      const last = known.get(time - n * MINUTE_MS)?.last ?? undefined
      if (last !== undefined) return last
    }
    return undefined
  }
  const leastIn = (start: number) => {
    const minima = Array.from(
      { length: SIX_MINUTES_MS / MINUTE_MS },
      (_, n) => known.get(start + n * MINUTE_MS)?.min ?? Infinity,
    )
    return Math.min(...minima)
  }
  const [first, last] = [minutes[0], minutes.at(-1)]
  if (!first || !last) return []
  const counts: { start: number; count: number | undefined }[] = []
  let before: number | undefined
  for (
    let start = Math.ceil(first.end / SIX_MINUTES_MS) * SIX_MINUTES_MS;
    start <= last.start && start + SIX_MINUTES_MS <= now;
    start += SIX_MINUTES_MS
  ) {
    before ??= indexAt(start)
    const end = indexAt(start + SIX_MINUTES_MS)
    if (before !== undefined || counts.length > 0) {
      const grows = before !== undefined && end !== undefined && Math.min(end, leastIn(start)) >= before
      counts.push({ start, count: grows ? Math.round(end! - before!) : undefined })
    }
    before = end
  }
  return counts
}
