import { pauseAfter } from '../model/backoff.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/**
 * The pause before an attempt to connect, the first being 0: none at first, then doubling up to 30 s.
 * `random` in [0, 1) spreads gateways that lost the same network by half of it.
 */
export function backoffMs(attempt: number, random: number): number {
  if (attempt === 0) return 0
  return pauseAfter(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS) * (0.5 + random / 2)
}
