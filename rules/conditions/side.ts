import type { Moment } from '../moment.ts'
import type { Beginning } from './condition.ts'

/** On which side of a limit something is, or beyond how many limits, and since when. */
export interface Side<Beyond extends boolean | number = boolean> {
  /** What was decided last. */
  beyond: Beyond
  since: Moment
  /** Whether the newest of what was heard decides. */
  known: boolean
  /** When it was decided last. */
  decided: Moment
}

/** Before anything was heard, or with the alert of an earlier run. */
export function firstSide<Beyond extends boolean | number>(
  beyond: Beyond,
  firingSince: Moment | undefined,
  at: Moment,
): Side<Beyond> {
  return {
    beyond,
    since: firingSince ?? at,
    known: false,
    decided: firingSince ?? at,
  }
}

/** Which of these phenomena, counted from 1, the alert of an earlier run was of; 0 without one. */
export function reachedBefore(
  phenomena: readonly string[],
  { firingSince, phenomenon = '' }: Pick<Beginning, 'firingSince' | 'phenomenon'>,
): number {
  // What there is no longer was a danger all the same.
  return firingSince ? Math.max(0, phenomena.indexOf(phenomenon)) + 1 : 0
}

/**
 * Takes what was decided at a moment. Doubt keeps an alarm: what is unknown restarts the time that it must be over,
 * not that for which it lasts, unless it was out of sight (`lost`) before.
 */
export function takeSide<S extends Side<boolean | number>>(
  before: S,
  verdict: S['beyond'] | 'unknown',
  at: Moment,
  lost: boolean,
): S {
  // The store, or a repeat, may lag behind what raised an alert that was taken over: it says nothing of its end.
  if (before.beyond && at.elapsed < before.since.elapsed) return before
  if (verdict === 'unknown') return { ...before, known: false }
  const continues = verdict === before.beyond && !lost && (Boolean(verdict) || before.known)
  return { ...before, beyond: verdict, since: continues ? before.since : at, known: true, decided: at }
}
