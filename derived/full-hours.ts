import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'

/** How long the last readings of an hour have to come. */
export const GRACE_MS = 10 * MINUTE_MS

/** The last 24 full hours of which all readings have come, ms UTC. */
export function lastFullDay(now: number): { from: number; to: number } {
  const to = Math.floor((now - GRACE_MS) / HOUR_MS) * HOUR_MS
  return { from: to - DAY_MS, to }
}
