import type { Interval } from '../model/calendar.ts'
import { type BaseDrift, baseReference, followBase } from './base-drift.ts'
import { baseLoad, type DayBase } from './base-load.ts'
import { continuousFlows, couldShowFlow, wasteOfFlow } from './continuous-flow.ts'
import { heatingAndCooling } from './heating-and-cooling.ts'
import { type HourUse, isKnown, knownShare, sumOfHours, type WastedHour } from './hour-use.ts'
import { nightFlow } from './night.ts'
import { outsideUse } from './outside-use.ts'
import { median } from './percentile.ts'

/** Of what heats and cools, not all that is used outside opening is waste: it has a kind of its own. */
export type OutsideKind = 'outside-opening' | 'climate-outside-opening'

/** What of the use of a site looks like waste, in a time that was looked into; amounts are in the unit of the site. */
export interface FoundWaste {
  /** ms UTC; it may have begun before what was looked into. */
  since: number
  /** Undefined where it is not known to have ended. */
  until: number | undefined
  /** Hour by hour, of what was looked into; above 0 in all. */
  wasted: WastedHour[]
  /** Which share of the time that it rests on is known, 0 to 1. */
  coverage: number
  figures:
    | { kind: OutsideKind; used: number; share: number; baseLoad: number; hours: number }
    | { kind: 'base-load-drift'; rise: number; spread: number; days: number; referenceDays: number }
    | { kind: 'continuous-flow'; least: number; hours: number }
    | { kind: 'night-flow'; usual: number; nights: number }
    | { kind: 'heating-and-cooling'; heating: number; cooling: number; hours: number; threshold: number }
}

export const FINDING_KINDS = [
  'outside-opening',
  'climate-outside-opening',
  'base-load-drift',
  'continuous-flow',
  'night-flow',
  'heating-and-cooling',
] as const satisfies readonly FoundWaste['figures']['kind'][]
export type FindingKind = (typeof FINDING_KINDS)[number]

/** Why nothing can be said. */
export const UNKNOWN_REASONS = [
  'no-opening',
  'no-base-load',
  'few-hours',
  'few-days',
  'few-reference-days',
  'no-floor-area',
  'no-conversion',
] as const
export type UnknownReason = (typeof UNKNOWN_REASONS)[number]

export interface Looked {
  found: FoundWaste[]
  unknown: { kind: FindingKind; reason: UnknownReason }[]
}

/** The hours of a meter: those that are looked into, and those before, from which its base load is known. */
export interface LookedHours {
  hours: readonly (HourUse & { open: boolean | undefined })[]
  /** Places of the hours of each day, `last` exclusive. */
  days: readonly (Interval & { first: number; last: number; kind: string })[]
  /** From when on it is looked into. */
  from: number
  /** From when on the base load is followed; what lies before is its reference. */
  followedFrom: number
}

/** Ours: of the hours or days that a figure rests on, half have to be known. */
const ENOUGH = 0.5
/** Ours: use outside opening is told from a twentieth of all use on, running against each other from half a day on. */
const LEAST_SHARE_OUTSIDE = 0.05
const LEAST_HOURS_BOTH = 12
/** Ours: known days of a drift. What is over within a week is an event. */
const LEAST_DAYS_OF_DRIFT = 7

/** What was used while the site was closed, beyond the base load of the days that are looked into. */
export function lookOutside({ hours, days, from }: LookedHours, kind: OutsideKind): Looked {
  const within = hours.filter(({ start }) => start >= from)
  if (within.some(({ open }) => open === undefined)) return unknownOf(kind, 'no-opening')
  const bases = basesOf({ hours, days }).filter(({ start, base }) => start >= from && base !== undefined)
  const told = within.map(hour => ({ ...hour, open: hour.open! }))
  if (told.some(({ open }) => !open) && knownShare(told.filter(({ open }) => !open)) < ENOUGH)
    return unknownOf(kind, 'few-hours')
  if (bases.length === 0) return unknownOf(kind, 'no-base-load')
  const base = median(bases.map(day => day.base!))
  const { used, share = 0, coverage, hours: count, beyondBase: wasted } = outsideUse(told, base)
  const raised = wasted.filter(({ amount }) => amount > 0)
  const least = LEAST_SHARE_OUTSIDE * sumOfHours(within.filter(isKnown))
  if (raised.length === 0 || sumOfHours(wasted) < least) return NOTHING
  return foundOf({
    since: raised[0]!.start,
    until: raised.at(-1)!.end,
    wasted,
    coverage,
    figures: { kind, used, share, baseLoad: base, hours: count },
  })
}

/** A base load that is above what it was: of what runs at all hours, so that weather must have no part in it. */
export function lookAtBase(looked: LookedHours, step: number): Looked {
  const kind = 'base-load-drift'
  const { from, followedFrom, hours } = looked
  const bases = basesOf(looked)
  const reference = baseReference(
    bases.filter(({ start }) => start < followedFrom),
    step,
  )
  if (!reference) return unknownOf(kind, 'few-reference-days')
  const judged = bases.filter(({ start }) => start >= from)
  const known = judged.filter(day => day.base !== undefined && reference.centres.has(day.kind))
  const coverage = known.length / judged.length
  if (coverage < ENOUGH) return unknownOf(kind, 'few-days')
  const { drifts } = followBase(
    bases.filter(({ start }) => start >= followedFrom),
    reference,
  )
  const { spread, days: referenceDays } = reference
  const lasting = drifts.filter(({ days }) => days.length >= LEAST_DAYS_OF_DRIFT)
  const found = lasting.map(drift => ({
    since: drift.since,
    until: drift.until,
    wasted: wasteOfDrift(drift, hours, from),
    coverage,
    figures: { kind, rise: drift.rise, spread, days: drift.days.length, referenceDays } as const,
  }))
  return { found: found.filter(({ wasted }) => wasted.length > 0), unknown: [] }
}

/**
 * A meter that never stands still.
 *
 * @param byRight what the building uses by right in each hour, in the unit
 */
export function lookForFlow({ hours, from }: LookedHours, byRight: number): Looked {
  const kind = 'continuous-flow'
  const within = hours.filter(({ start }) => start >= from)
  const found = continuousFlows(hours).map(flow => ({
    since: flow.start,
    until: flow.stopped ? flow.end : undefined,
    wasted: wasteOfFlow(flow, within, byRight),
    coverage: flow.coverage,
    figures: { kind, least: flow.least, hours: flow.hours } as const,
  }))
  const wasteful = found.filter(({ wasted }) => wasted.length > 0)
  if (wasteful.length === 0 && !couldShowFlow(within)) return unknownOf(kind, 'few-hours')
  return { found: wasteful, unknown: [] }
}

/** The hours of a night. */
export interface NightUse {
  /** The local date of its morning. */
  date: string
  hours: readonly HourUse[]
}

/**
 * Water that runs night after night, by {@link nightFlow}: also where it stands still in an hour of the day or in a
 * night now and then.
 *
 * @param nights ascending; those that begin before `from` only tell what is usual
 * @param byRight what the building uses by right in each hour, in the unit
 */
export function lookAtNights(nights: readonly NightUse[], from: number, byRight: number): Looked {
  const kind = 'night-flow'
  const flows = nightFlow(
    nights.map(({ date, hours }) => ({ date, hours: hours.map(({ amount }) => amount) })),
    byRight,
  )
  const judged = nights
    .map(({ hours }, at) => ({ hours, ...flows[at]! }))
    .filter(({ hours }) => hours.length > 0 && hours[0]!.start >= from)
  const known = judged.filter(({ usual }) => usual !== undefined)
  if (judged.length === 0 || known.length / judged.length < ENOUGH) return unknownOf(kind, 'few-hours')
  const raised = known
    .map(night => ({ ...night, amount: Math.min(night.minimum!, night.usual!) - byRight }))
    .filter(({ amount }) => amount > 0)
  const last = raised.at(-1)
  if (!last) return NOTHING
  return foundOf({
    since: raised[0]!.hours[0]!.start,
    until: last.date === known.at(-1)!.date ? undefined : last.hours.at(-1)!.end,
    wasted: raised.flatMap(({ hours, amount }) => hours.map(({ start, end }) => ({ start, end, amount }))),
    coverage: known.length / judged.length,
    figures: { kind, usual: last.usual!, nights: raised.length },
  })
}

/** Heating and cooling of a site in the same hours; see {@link heatingAndCooling}. */
export function lookAtBoth(
  heating: readonly HourUse[],
  cooling: readonly HourUse[],
  threshold: number,
): Looked {
  const kind = 'heating-and-cooling'
  const both = heatingAndCooling(heating, cooling, threshold)
  const coverage = both.known / heating.length
  if (coverage < ENOUGH) return unknownOf(kind, 'few-hours')
  if (both.hours < LEAST_HOURS_BOTH) return NOTHING
  return foundOf({
    since: both.lesser[0]!.start,
    until: both.lesser.at(-1)!.end,
    wasted: both.lesser,
    coverage,
    figures: { kind, heating: both.heating, cooling: both.cooling, hours: both.hours, threshold },
  })
}

const NOTHING: Looked = { found: [], unknown: [] }

function foundOf(found: FoundWaste): Looked {
  return { found: [found], unknown: [] }
}

export function unknownOf(kind: FindingKind, reason: UnknownReason): Looked {
  return { found: [], unknown: [{ kind, reason }] }
}

/** The base load of each day. */
export function basesOf({
  hours,
  days,
}: Pick<LookedHours, 'days'> & { hours: readonly HourUse[] }): DayBase[] {
  return days.map(({ first, last, ...day }) => ({ ...day, base: baseLoad(hours.slice(first, last)) }))
}

/** In each hour of its days, what the base load of the day is above the reference. */
function wasteOfDrift({ days }: BaseDrift, hours: readonly HourUse[], from: number): WastedHour[] {
  let next = 0
  const wasted: WastedHour[] = []
  for (const { start, end } of hours) {
    while (next < days.length && days[next]!.end <= start) next++
    const day = days[next]
    if (!day) break
    if (start >= from && start >= day.start && day.rise > 0) wasted.push({ start, end, amount: day.rise })
  }
  return wasted
}
