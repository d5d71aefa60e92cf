import { MINUTE_MS } from '../../model/time.ts'
import type { Point } from '../../registry/registry.ts'

/** How long the links of the territory may take to come back after the hub. */
const SETTLE_MS = 5 * MINUTE_MS

/**
 * For how long after the rules begin to hear, or hear again, the silence of a point proves nothing, ms: until it has
 * had time (twice what it may take) to speak to them, but no longer than the silence that is looked for.
 */
export function settleMs(point: Pick<Point, 'dueWithin'>, silence: number): number {
  return Math.min(silence, Math.max(SETTLE_MS, 2 * point.dueWithin))
}
