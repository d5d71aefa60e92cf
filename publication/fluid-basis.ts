import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import { type Interval, localDate, periodStart, periodsBetween } from '../model/calendar.ts'
import type { FigureDigest } from '../store/figures.ts'
import type { TerritoryClimate } from './climate.ts'
import type { RowContext } from './dataset.ts'
import {
  endOfSeries,
  grainOf,
  metersRead,
  type PublishedPeriod,
  readTime,
  type SeriesTime,
} from './fluid-series.ts'
import { selectConsumption } from './selection.ts'

/** A part of the rows of a period, and of which time it tells. */
export interface NamedTime extends Interval {
  name: string
}

/** What the rows of consumption are made of, part by part. */
export interface FluidBasis {
  times: readonly NamedTime[]
  /** Of equal texts the rows of a part, and what is noted beside them, are equal. */
  of(time: SeriesTime): string
  /** The same by the figures as they are now. */
  ofNow(times: readonly SeriesTime[]): Promise<string[]>
}

/** So many characters of the start name the part that a row is in: a month of days and hours, a year of the others. */
const IN_PARTS_OF = { hour: 7, day: 7, month: 4, year: 4 } satisfies Record<PublishedPeriod, number>

/** The name of the part of a row, by its start as it is told. */
export function partNamed(period: PublishedPeriod, start: string): string {
  return start.slice(0, IN_PARTS_OF[period])
}

/** Which figures there were when a publication first asked, by grain: what is told by day is summed up by month and year. */
const first = new WeakMap<RowContext, Map<string, Promise<FigureDigest[]>>>()

export async function openFluidBasis(
  period: PublishedPeriod,
  context: RowContext,
  climate: TerritoryClimate | undefined,
): Promise<FluidBasis> {
  const { registry, now } = context
  const { timeZone } = registry.territory
  const { series, meters } = selectConsumption(registry)
  const told = series.filter(({ hourly }) => period !== 'hour' || hourly)
  // What is not over by then is not told.
  const ends = [...new Set(told.map(each => endOfSeries(each, period, now, timeZone)))].map(end =>
    periodStart(period, end, timeZone),
  )
  const end = Math.max(0, ...ends)
  const grain = grainOf(period)
  const read = (from: number) =>
    context.sources.digests!.digests(metersRead(registry, grain), grain, from, now)
  const figures = await first
    .getOrInsertComputed(context, () => new Map())
    .getOrInsertComputed(grain, () => read(0))
  const selected = createHash('sha256')
    .update(serialize([timeZone, series, meters]))
    .digest('hex')
  const climates = climate && [
    ...Map.groupBy(told, ({ site }) => JSON.stringify(climate.basisOf(site))).values(),
  ]

  function write(time: SeriesTime, digests: readonly FigureDigest[]): string {
    const { start, end: until } = readTime(time, period, timeZone)
    const periods = climate ? periodsBetween(period, time.start, Math.min(time.end, end), timeZone) : []
    const parts = [
      selected,
      JSON.stringify(ends.map(each => Math.min(each, time.end))),
      JSON.stringify([...time.begun].sort((a, b) => a - b)),
      JSON.stringify(digests.filter(each => start <= each.start && each.start < Math.min(until, end))),
      JSON.stringify(climates?.map(([each]) => periods.map(one => climate!.of(each!.site, one)))),
    ]
    const hash = createHash('sha256')
    for (const part of parts) hash.update(`${part}\n`)
    return hash.digest('hex')
  }

  return {
    times: figures.length > 0 ? timesBetween(period, figures[0]!.start, end, timeZone) : [],
    of: time => write(time, figures),
    async ofNow(times) {
      const starts = times.map(time => readTime(time, period, timeZone).start)
      const digests = starts.length > 0 ? await read(Math.min(...starts)) : []
      return times.map(time => write(time, digests))
    },
  }
}

/** The months or years, as the rows tell them: hours are told in UTC. */
function timesBetween(period: PublishedPeriod, from: number, to: number, timeZone: string): NamedTime[] {
  const zone = period === 'hour' ? 'UTC' : timeZone
  const length = period === 'hour' || period === 'day' ? 'month' : 'year'
  return periodsBetween(length, from, to, zone).map(({ start, end }) => ({
    ...{ start, end, name: partNamed(period, localDate(start, zone)) },
  }))
}
