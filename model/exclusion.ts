import type { Value } from './reading.ts'

/** Why a good reading of a meter is no part of its consumption. */
export const EXCLUSION_REASONS = [
  /** It carries no number. */
  'not-a-number',
  /** Not a whole number of steps: the registry's resolution does not fit the device. */
  'off-resolution',
  /** Negative, or more than the counter's digits can show. */
  'out-of-range',
  /** A drop or a leap from which the following indexes come back. */
  'spurious',
  /** A drop or a leap that stays: the index counts, the difference to the one before does not. */
  'reset',
] as const
export type ExclusionReason = (typeof EXCLUSION_REASONS)[number]

/** What was left out of consumption, and why. */
export interface Exclusion {
  /** ms UTC */
  time: number
  /** As the device said it, in the point's unit. */
  value: Value
  reason: ExclusionReason
}
