import type { LocalDates } from '../model/calendar.ts'
import { type Interval, localDate } from '../model/calendar.ts'
import { allocationsOf, type CountedMeter, coverageOf, type SiteConsumption } from '../model/consumption.ts'
import type { ExclusionReason } from '../model/exclusion.ts'
import type { Fluid } from '../model/fluid.ts'
import { holdsOn } from '../model/local-dates.ts'
import type { Origin } from '../model/statement.ts'
import { asciiUnitLabel } from '../model/units.ts'
import type { Meter } from '../registry/registry.ts'
import type { MeterExclusions } from '../store/figures.ts'
import type { FluidSeries } from './fluid-series.ts'

/**
 * What stands in place of readings: what others stated; a share, by time or by the usual course of a day, of what the next
 * index tells; the sum of the other meters; nothing.
 */
export const FILLED = ['stated', 'shared-out', 'other-meters', 'nothing'] as const

/** A time of which not all is told by readings, as the quality report says it: of a building, never of a meter. */
export interface ToldGap {
  site: string
  fluid: Fluid
  unit: string
  /** Dates or instants as in the rows, `to` exclusive. */
  from: string
  to: string
  /** Share that readings, or statements of single periods, tell. */
  coverage: number
  filled: (typeof FILLED)[number]
  /** Of what was stated. */
  origins?: Origin[]
}

/** A reading that is no part of a consumption. */
export interface ToldExclusion {
  site: string
  fluid: Fluid
  /** ISO 8601, UTC. */
  time: string
  reason: ExclusionReason
}

/** So many of each are listed at most, and of the exclusions so many of a meter. */
export const MOST_TOLD = 1000
export const MOST_OF_A_METER = 100

/** The newest first, and how many others there are. */
export interface NewestOf<T> {
  listed: T[]
  leftOut: number
}

/** Keeps the newest of what comes; of one time, those that come first. */
export function keepNewest<T>(most: number, timeOf: (entry: T) => number | string) {
  let kept: T[] = []
  let count = 0
  const cut = () => {
    const newestFirst = (a: T, b: T) => Number(timeOf(a) < timeOf(b)) - Number(timeOf(a) > timeOf(b))
    kept = kept.toSorted(newestFirst).slice(0, most)
  }
  return {
    add(entry: T): void {
      count++
      if (kept.push(entry) >= 2 * most) cut()
    },
    leaveOut(more: number): void {
      count += more
    },
    result(): NewestOf<T> {
      cut()
      return { listed: kept, leftOut: count - kept.length }
    },
  }
}

/** A time of which not all is told by readings: the place of its series, start, end, covered ms, what fills it, origins. */
export type Gap = [
  place: number,
  start: number,
  end: number,
  coveredMs: number,
  filled: ToldGap['filled'],
  origins: string,
]

/** The gaps of a consumption; those that follow each other and are filled alike are one. */
export function gapsOf({ place, parts }: Pick<FluidSeries, 'place' | 'parts'>): Gap[] {
  const gaps: Gap[] = []
  for (const part of parts) {
    const { start, end, coveredMs, stated = [] } = part
    if (coveredMs === end - start && stated.length === 0) continue
    const filled = filledOf(part)
    const origins = filled === 'stated' ? [...new Set(stated.map(({ origin }) => origin))].join() : ''
    const gap: Gap = [place, start, end, coveredMs, filled, origins]
    if (!extend(gaps.at(-1), gap)) gaps.push(gap)
  }
  return gaps
}

/** Keeps the newest gaps of series that are told in several times, one after the other. */
export function keepGaps(seriesAt: (place: number) => Pick<FluidSeries, 'site' | 'fluid' | 'unit'>) {
  const newest = keepNewest<Gap>(MOST_TOLD, ([, start]) => start)
  const last = new Map<number, Gap>()
  return {
    add(gaps: readonly Gap[]): void {
      for (const gap of gaps) {
        if (extend(last.get(gap[0]), gap)) continue
        const own: Gap = [...gap]
        newest.add(own)
        last.set(gap[0], own)
      }
    },
    /** @param told an instant as the rows tell it */
    result(told: (time: number) => string): NewestOf<ToldGap> {
      const { listed, leftOut } = newest.result()
      return {
        listed: listed.map(([place, start, end, coveredMs, filled, origins]) => {
          const { site, fluid, unit } = seriesAt(place)
          return {
            ...{ site: site.id, fluid, unit: asciiUnitLabel(unit), from: told(start), to: told(end) },
            ...{ coverage: coverageOf(coveredMs, { start, end }), filled },
            ...(origins && { origins: origins.split(',') as Origin[] }),
          }
        }),
        leftOut,
      }
    },
  }
}

/** Makes a gap longer by one that follows it and is filled alike; false where none does. */
function extend(gap: Gap | undefined, [, start, end, coveredMs, filled, origins]: Gap): boolean {
  if (gap?.[2] !== start || gap[4] !== filled || gap[5] !== origins) return false
  gap[2] = end
  gap[3] += coveredMs
  return true
}

function filledOf({ amount, partial, stated = [] }: SiteConsumption): ToldGap['filled'] {
  if (!amount) return 'nothing'
  if (partial) return 'other-meters'
  return stated.length > 0 ? 'stated' : 'shared-out'
}

/** Which meters a building's consumption is made of, and when: those that count for it, and what is taken off them. */
export function partsOfConsumption(
  site: string,
  meters: readonly CountedMeter<Meter>[],
): { meter: string; during: readonly LocalDates[] }[] {
  return meters.flatMap(({ meter, less }) => {
    const during = allocationsOf(meter).filter(allocation => allocation.site === site)
    return [
      { meter: meter.id, during },
      ...less.map(part => ({ meter: part.meter.id, during: [part.during] })),
    ]
  })
}

/**
 * The readings that are no part of a consumption, of the times that are told of it.
 * @param told times
 * @param madeOf see {@link partsOfConsumption}
 */
export function exclusionsOf(
  { site, fluid }: Pick<FluidSeries, 'site' | 'fluid'>,
  told: readonly Interval[],
  madeOf: ReturnType<typeof partsOfConsumption>,
  excluded: ReadonlyMap<string, MeterExclusions>,
  timeZone: string,
): NewestOf<ToldExclusion> {
  const isTold = (time: number) => told.some(({ start, end }) => start <= time && time < end)
  const meters = [...Map.groupBy(madeOf, ({ meter }) => meter)].flatMap(([meter, parts]) => {
    const found = excluded.get(meter)
    return found ? [{ found, during: parts.flatMap(part => part.during) }] : []
  })
  return {
    listed: meters.flatMap(({ found, during }) =>
      found.newest
        .filter(({ time }) => isTold(time) && during.some(each => holdsOn(each, localDate(time, timeZone))))
        .map(({ time, reason }) => ({ site: site.id, fluid, time: new Date(time).toISOString(), reason })),
    ),
    leftOut: meters.reduce((sum, { found }) => sum + found.count - found.newest.length, 0),
  }
}
