import type { Logger } from 'pino'
import { climateOfHours, climateOfStation } from '../energy/climate.ts'
import { type DegreeDay, sumDegreeDays, USUAL_THRESHOLD } from '../energy/degree-days.ts'
import { type OfficialStation, openOfficialStation } from '../energy/official-station.ts'
import { type Interval, localDate, periodsBetween, startOfLocalDate } from '../model/calendar.ts'
import { mayAppear } from '../registry/may-appear.ts'
import type { Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { Settings } from '../registry/settings.ts'
import type { ReadingStore } from '../store/readings.ts'

/** Where the climate is known from. */
export interface ClimateSource {
  readings: Pick<ReadingStore, 'aggregate'>
  climate: { officialStation(): Promise<OfficialStation | undefined> }
}

/** Reads the files of the official station that the settings name. */
export function openClimateSource(
  { officialStation }: Pick<Settings, 'officialStation'>,
  log: Logger,
): ClimateSource['climate'] {
  const read = officialStation && openOfficialStation(officialStation, log)
  return { officialStation: async () => read?.() }
}

/** Heating degree-days of a period, °C·day: null where something of it is not known, undefined without any climate. */
export interface PeriodClimate {
  degreeDays: number | null | undefined
  /** Of the mean climate. */
  reference: number | null | undefined
}

/** With its local dates, the last exclusive. */
export interface ToldPeriod extends PeriodClimate {
  from: string
  to: string
}

/** To what threshold degree-days are counted, and with what mean climate they are compared. */
export interface ClimateBasis {
  threshold: number
  reference: string | null
}

/** The climate of a territory up to a time. */
export interface TerritoryClimate {
  /** Of a site; undefined where there is no climate at all. */
  basisOf(site: Site): ClimateBasis | undefined
  /** Of whole months or years. */
  of(site: Site, period: Interval): ToldPeriod
  /** As the quality report says it. */
  station: object | undefined
}

/** The station of Météo-France where there is one, or else the territory's own point, as `/v1/energy` has it. */
export async function openClimate(
  { territory, sites, points }: Pick<Registry, 'territory' | 'sites' | 'points'>,
  { readings, climate: { officialStation } }: ClimateSource,
  until: number,
): Promise<TerritoryClimate> {
  const { climate, timeZone } = territory
  const station = await officialStation()
  const read = !station && climate ? await readings.aggregate(climate.point, 'hour', 0, until) : []
  const hours = read.filter(({ end }) => end <= until)
  const [firstDate] = station ? [...station.days.keys()].sort() : []
  const first = firstDate === undefined ? hours[0]?.start : startOfLocalDate(firstDate, timeZone)
  const days = first === undefined ? [] : periodsBetween('day', first, until, timeZone)
  const dates = days.map(({ start }) => localDate(start, timeZone))
  const byThreshold = new Map<number, ReadonlyMap<string, DegreeDay>>()
  const degreeDaysOf = (threshold: number) =>
    byThreshold.getOrInsertComputed(threshold, () => {
      const { figures } = station
        ? climateOfStation(station, dates, threshold)
        : climateOfHours(hours, days, dates, threshold)
      return new Map(figures.map(figure => [figure.date, figure]))
    })
  const known = new Map<string, ToldPeriod>()
  const basisOf = (site: Site) => {
    const { threshold, reference } = site.climate ?? climate ?? {}
    return { threshold: threshold ?? USUAL_THRESHOLD, reference: reference?.source ?? null }
  }

  return {
    basisOf: site => (station || climate ? basisOf(site) : undefined),
    of(site, period) {
      const [from, to] = [localDate(period.start, timeZone), localDate(period.end, timeZone)]
      if (!station && !climate) return { from, to, degreeDays: undefined, reference: undefined }
      const key = JSON.stringify([basisOf(site), from, to])
      return known.getOrInsertComputed(key, () => {
        const { threshold = USUAL_THRESHOLD, reference } = site.climate ?? climate ?? {}
        const figures = degreeDaysOf(threshold)
        const none = (date: string) => ({ date, heating: null, cooling: null, hours: 0 })
        const all = periodsBetween('day', period.start, period.end, timeZone)
          .map(({ start }) => localDate(start, timeZone))
          .map(date => figures.get(date) ?? none(date))
        const means = periodsBetween('month', period.start, period.end, timeZone).map(
          ({ start }) => Number(localDate(start, timeZone).slice(5, 7)) - 1,
        )
        return {
          ...{ from, to },
          degreeDays: sumDegreeDays(all).heating,
          reference: reference ? means.reduce((sum, month) => sum + reference.heating[month]!, 0) : null,
        }
      })
    },
    station: station
      ? { official: true, id: station.post, name: station.name }
      : climate && { official: false, id: null, name: ownStation(climate.point) },
  }

  /** Where the own point stands, if that may be said. */
  function ownStation(point: string): string | null {
    const site = sites.get(points.get(point)?.site ?? '')
    return site && mayAppear(site) ? site.name : null
  }
}
