import type { Exclusion, ExclusionReason } from '../model/exclusion.ts'
import type { Reading } from '../model/reading.ts'
import { HOUR_MS } from '../model/time.ts'
import type { Unit } from '../model/units.ts'
import type { Meter } from '../registry/registry.ts'

/** What has to be known of a meter to judge its indexes. */
export type Counter = Pick<Meter, 'stepsPerUnit' | 'digits' | 'maxPerHour' | 'unit' | 'replacements'>

/** A good reading of a meter. */
export interface Index {
  time: number
  /** Whole steps of the resolution, counted on over the replacements of the meter. */
  steps: number
}

/** An index that is believed. */
export interface AcceptedIndex extends Index {
  /** Steps since the accepted index before; undefined for the first one and after a reset. */
  gain: number | undefined
}

/**
 * How many indexes in a row must contradict the accepted one before it gives way, and how many accepted
 * ones may still be withdrawn then. Six: a converter that answers 0 for less than an hour of ten-minute
 * readings is not taken for a new meter.
 */
export const SETTLING = 6

/** More than any single public building takes in an hour: the limit of a meter that states none. */
const MOST_PER_HOUR: Partial<Record<Unit, number>> = {
  'kW.h': 10_000,
  'MW.h': 10,
  'W.h': 10_000_000,
  'kV.A{reactive}.h': 10_000,
  m3: 1000,
  L: 1_000_000,
}

/** A good reading in whole steps, or why it cannot be an index. */
export function toIndex({ time, value }: Reading, meter: Counter): Index | Exclusion {
  if (typeof value !== 'number') return { time, value, reason: 'not-a-number' }
  const scaled = value * meter.stepsPerUnit
  const steps = Math.round(scaled)
  // A thousandth of a step, and what a double cannot show of a large index.
  if (Math.abs(scaled - steps) > 0.001 + Math.abs(scaled) * Number.EPSILON) {
    return { time, value, reason: 'off-resolution' }
  }
  const size = meter.digits === undefined ? Number.MAX_SAFE_INTEGER : 10 ** meter.digits
  if (steps < 0 || steps >= size) return { time, value, reason: 'out-of-range' }
  return { time, steps: steps + offsetAt(time, meter) }
}

/**
 * Decides which indexes to believe. One that does not follow from the last accepted one is held against
 * those around it: where a later one follows, what lies between was spurious; where the next
 * {@link SETTLING} all contradict, either the last few accepted ones were spurious (a leap up and back) or
 * the counter was reset. While there are too few to tell, the newest are left open and count for nothing.
 */
export function acceptIndexes(
  indexes: readonly Index[],
  meter: Counter,
): { accepted: AcceptedIndex[]; exclusions: Exclusion[] } {
  const accepted: AcceptedIndex[] = []
  const spurious: Index[] = []

  for (let at = 0; at < indexes.length; ) {
    const index = indexes[at]!
    const last = accepted.at(-1)
    const gain = last && gainBetween(last, index, meter)
    if (!last || gain !== undefined) {
      accepted.push({ ...index, gain })
      at++
      continue
    }
    const ahead = indexes.slice(at + 1, at + SETTLING)
    const back = ahead.findIndex(later => gainBetween(last, later, meter) !== undefined)
    if (back >= 0) {
      spurious.push(...indexes.slice(at, at + 1 + back))
      at += 1 + back
      continue
    }
    if (ahead.length < SETTLING - 1) break
    const before = accepted
      .slice(-1 - SETTLING, -1)
      .findLastIndex(earlier => gainBetween(earlier, index, meter) !== undefined)
    if (before < 0) {
      accepted.push({ ...index, gain: undefined })
      at++
      continue
    }
    spurious.push(...accepted.splice(Math.max(0, accepted.length - 1 - SETTLING) + before + 1))
  }
  const resets = accepted.filter(({ gain }, position) => gain === undefined && position > 0)
  const exclusions = [
    ...spurious.map(index => exclusion(index, 'spurious', meter)),
    ...resets.map(index => exclusion(index, 'reset', meter)),
  ]
  return { accepted, exclusions: exclusions.sort((a, b) => a.time - b.time) }
}

function exclusion({ time, steps }: Index, reason: ExclusionReason, meter: Counter): Exclusion {
  return { time, value: (steps - offsetAt(time, meter)) / meter.stepsPerUnit, reason }
}

/** A stated index in whole steps, counted on over the replacements of the meter. */
export function toSteps(value: number, time: number, meter: Counter): number {
  return Math.round(value * meter.stepsPerUnit) + offsetAt(time, meter)
}

/** What the counter showed that stood at so many counted steps. */
export function indexAt(steps: number, time: number, meter: Counter): number {
  const shown = steps - offsetAt(time, meter)
  return meter.digits === undefined ? shown : shown % 10 ** meter.digits
}

function offsetAt(time: number, { replacements }: Counter): number {
  return replacements.findLast(replacement => replacement.time <= time)?.offset ?? 0
}

/** Steps between two indexes, over a rollover if need be; undefined when the second cannot follow the first. */
export function gainBetween(from: Index, to: Index, meter: Counter): number | undefined {
  let gain = to.steps - from.steps
  if (gain < 0) {
    if (meter.digits === undefined) return undefined
    const size = 10 ** meter.digits
    gain += size
    // Beyond half of its range a counter has rather been reset than rolled over.
    if (gain > size / 2) return undefined
  }
  const perHour = meter.maxPerHour ?? MOST_PER_HOUR[meter.unit] ?? Infinity
  // What flows in an hour may show at once, in a device that is read seldom; a step more is rounding.
  const hours = Math.max(1, (to.time - from.time) / HOUR_MS)
  return gain <= perHour * meter.stepsPerUnit * hours + 1 ? gain : undefined
}

/**
 * Where what is before and what is after no longer touch: the middle of 2 × {@link SETTLING} + 1 indexes
 * of which each follows from the one before. Wherever the acceptance began, and whatever comes later, it
 * accepts such an index and everything up to there stays. Positions in `indexes`, ascending.
 */
export function findAnchors(indexes: readonly Index[], meter: Counter): number[] {
  const anchors: number[] = []
  let run = 0
  for (let at = 0; at < indexes.length; at++) {
    const follows = at > 0 && gainBetween(indexes[at - 1]!, indexes[at]!, meter) !== undefined
    run = follows ? run + 1 : 0
    if (run >= 2 * SETTLING) anchors.push(at - SETTLING)
  }
  return anchors
}
