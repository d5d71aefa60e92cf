/** Instants are ms UTC since 1970 and lengths are ms, everywhere; the calendar's periods are in calendar.ts. */
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const LATEST_TIME = Date.UTC(2100, 0, 1)

/**
 * Whether something is an instant that a batch may carry: whole ms from 1970 to 2100. What lies outside is a
 * clock that is not set, or seconds taken for milliseconds.
 */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < LATEST_TIME
}
