import { localDate } from '../model/calendar.ts'
import type { Dataset, Row } from './dataset.ts'
import { localSpan } from './row-dates.ts'
import type { Part } from './version.ts'

/** Finds the last two local dates of which rows tell something, ascending: that of the last one need not be over. */
export function followDays({ period, isKnown }: Pick<Dataset, 'period' | 'isKnown'>, timeZone: string) {
  const ends = new Set<string>()
  return {
    add(row: Row): void {
      if (period && (isKnown?.(row) ?? true)) ends.add(period.of(row).end)
    },
    lastKnown(): string[] {
      const days = new Set([...ends].map(end => localSpan({ start: end, end }, timeZone).end))
      return [...days].sort().slice(-2)
    },
  }
}

/**
 * The last local date that was over at an instant, and of which something is told; undefined where there is none.
 * @param time ms UTC
 */
export function lastCompleteDay(
  { toldUntil }: Pick<Dataset, 'toldUntil'>,
  parts: readonly Pick<Part, 'lastKnown'>[],
  time: number,
  timeZone: string,
): string | undefined {
  if (toldUntil) return toldUntil(time, timeZone)
  const today = localDate(time, timeZone)
  return parts
    .flatMap(({ lastKnown = [] }) => lastKnown)
    .filter(day => day < today)
    .sort()
    .at(-1)
}
