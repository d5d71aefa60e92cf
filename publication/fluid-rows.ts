import { appendInterval, type Interval } from '../model/calendar.ts'
import { type ClimateBasis, openClimate, type TerritoryClimate, type ToldPeriod } from './climate.ts'
import type { PartOfRows, PartwiseRows, Row, RowContext } from './dataset.ts'
import { openFluidBasis } from './fluid-basis.ts'
import {
  ALL_TIME,
  type FluidSeries,
  fluidSeries,
  type PublishedPeriod,
  partsOfSeries,
  type SeriesTime,
} from './fluid-series.ts'
import {
  exclusionsOf,
  type Gap,
  gapsOf,
  keepGaps,
  keepNewest,
  MOST_OF_A_METER,
  MOST_TOLD,
  type ToldExclusion,
} from './followed.ts'
import { selectConsumption } from './selection.ts'

/** What is noted of series in a time, beside their rows; series by their places in the selection. */
interface FluidNotes {
  /** Of which anything is known. */
  known: number[]
  /** From when to when they are told, those alike together. */
  told: (Interval & { series: number[] })[]
  gaps: Gap[]
  /** How many are not corrected for the climate, by why. */
  uncorrected: Record<string, number>
  /** With what climate the others were. */
  climate: { basis: ClimateBasis; periods: ToldPeriod[] }[]
}

/** The consumption of one period that may be published, with what the quality report says of it. */
export interface FluidRows extends PartwiseRows {
  /** All of it, series by series. */
  whole(): AsyncIterable<readonly Row[]>
}

/**
 * @param rowsOf the rows of a series
 * @param told an instant as they tell it
 */
export async function openFluidRows(
  period: PublishedPeriod,
  context: RowContext,
  rowsOf: (series: FluidSeries) => Row[],
  told: (time: number) => string,
): Promise<FluidRows> {
  const { registry, sources, now } = context
  const { series } = selectConsumption(registry)
  const isCorrected = period === 'month' || period === 'year'
  const climate = isCorrected ? await openClimate(registry, sources, now) : undefined
  const sums = sumNotes(place => series[place]!)

  async function* rowsIn(time: SeriesTime, notes: FluidNotes): AsyncGenerator<readonly Row[]> {
    const noted = climate && notingClimate(climate, notes)
    for await (const each of fluidSeries(registry, sources.figures, period, now, noted, time)) {
      noteSeries(each, notes)
      if (each.periods.length > 0) yield rowsOf(each)
    }
  }

  const times = new WeakMap<PartOfRows, SeriesTime>()
  const openBasis = () => openFluidBasis(period, context, climate)
  return {
    async *whole() {
      const notes = noNotes()
      yield* rowsIn(ALL_TIME, notes)
      sums.add(notes)
    },
    async *parts() {
      const basis = await openBasis()
      for (const { name, ...interval } of basis.times) {
        const time = { ...interval, begun: sums.begun() }
        const part: PartOfRows = {
          name,
          basis: basis.of(time),
          rows() {
            const notes = noNotes()
            return { notes, rows: rowsIn(time, notes) }
          },
          follow: notes => sums.add(notes as FluidNotes),
        }
        times.set(part, time)
        yield part
      }
    },
    async unchanged(parts) {
      const basis = await openBasis()
      const now = await basis.ofNow(parts.map(part => times.get(part)!))
      return parts.filter((part, at) => part.basis === now[at])
    },
    async remarks() {
      const { climates, missing, gaps, toldTimes } = sums.result()
      const excluded = new Map(
        (await sources.excluded.exclusions(0, now, MOST_OF_A_METER)).map(each => [each.meter, each]),
      )
      const exclusions = keepNewest<ToldExclusion>(MOST_TOLD, ({ time }) => time)
      const madeOf = partsOfSeries(registry)
      for (const [place, times] of toldTimes) {
        const { timeZone } = registry.territory
        const { listed, leftOut } = exclusionsOf(series[place]!, times, madeOf[place]!, excluded, timeZone)
        for (const exclusion of listed) exclusions.add(exclusion)
        exclusions.leaveOut(leftOut)
      }
      return {
        ...(climate && { climateCorrection: { station: climate.station, thresholds: climates, missing } }),
        gaps: gaps.result(told),
        exclusions: exclusions.result(),
      }
    },
  }
}

function noNotes(): FluidNotes {
  return { known: [], told: [], gaps: [], uncorrected: {}, climate: [] }
}

function noteSeries(each: FluidSeries, notes: FluidNotes): void {
  const { place, periods, isKnown } = each
  if (isKnown) notes.known.push(place)
  const told: Interval[] = []
  for (const period of periods) appendInterval(told, period)
  for (const { start, end } of told) {
    const alike = notes.told.find(time => time.start === start && time.end === end)
    if (alike) alike.series.push(place)
    else notes.told.push({ start, end, series: [place] })
  }
  for (const { corrected } of periods)
    if (corrected?.missing)
      notes.uncorrected[corrected.missing] = (notes.uncorrected[corrected.missing] ?? 0) + 1
  notes.gaps.push(...gapsOf(each))
}

function notingClimate(climate: TerritoryClimate, notes: FluidNotes): TerritoryClimate {
  const noted = new Map<string, { periods: ToldPeriod[]; starts: Set<string> }>()
  return {
    ...climate,
    of(site, period) {
      const told = climate.of(site, period)
      const basis = climate.basisOf(site)
      if (!basis) return told
      const { periods, starts } = noted.getOrInsertComputed(JSON.stringify(basis), () => {
        const periods: ToldPeriod[] = []
        notes.climate.push({ basis, periods })
        return { periods, starts: new Set() }
      })
      if (!starts.has(told.from)) periods.push(told)
      starts.add(told.from)
      return told
    },
  }
}

/** Sums what is noted of times that follow each other. */
function sumNotes(seriesAt: (place: number) => Pick<FluidSeries, 'site' | 'fluid' | 'unit'>) {
  const gaps = keepGaps(seriesAt)
  const toldTimes = new Map<number, Interval[]>()
  const uncorrected = new Map<string, number>()
  const climates = new Map<string, FluidNotes['climate'][number]>()
  let begun: ReadonlySet<number> = ALL_TIME.begun
  return {
    /** Of which series anything is known so far. */
    begun: () => begun,
    add(notes: FluidNotes): void {
      if (notes.known.some(place => !begun.has(place))) begun = begun.union(new Set(notes.known))
      gaps.add(notes.gaps)
      for (const { start, end, series } of notes.told)
        for (const place of series) toldTimes.getOrInsertComputed(place, () => []).push({ start, end })
      for (const [why, count] of Object.entries(notes.uncorrected))
        uncorrected.set(why, (uncorrected.get(why) ?? 0) + count)
      for (const { basis, periods } of notes.climate)
        climates
          .getOrInsertComputed(JSON.stringify(basis), () => ({ basis, periods: [] }))
          .periods.push(...periods)
    },
    result: () => ({
      gaps,
      toldTimes: [...toldTimes].sort(([a], [b]) => a - b),
      missing: Object.fromEntries([...uncorrected].sort(byText)),
      climates: [...climates].sort(byText).map(([, { basis, periods }]) => ({
        ...basis,
        periods: periods.sort((a, b) => (a.from < b.from ? -1 : 1)),
      })),
    }),
  }
}

function byText([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
