import { DAY_MS, HOUR_MS } from '../model/time.ts'
import { mayAppear } from '../registry/may-appear.ts'
import { type MeasuredPoint, measuredPoints, type Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { Aggregate } from '../store/readings.ts'
import { columnsOf, type Dataset, periodIn } from './dataset.ts'
import { type HeardStep, toldHeard } from './heard.ts'
import { compare, roadClass, toHour } from './roads.ts'
import {
  COMPTAGE_CHANNEL,
  COMPTAGE_MEASURE,
  COMPTAGE_MEASURE_6MIN,
  COMPTAGE_SITE,
} from './schemas/comptage.ts'
import { SIX_MINUTES_MS, sixMinuteCounts } from './six-minutes.ts'

const KEYWORDS = ['trafic', 'comptage', 'routes', 'mobilité']
const ACCORDING_TO = {
  fr: 'selon le schéma national des comptages des mobilités (etalab/schema-comptage-mobilites)',
  en: 'in the national schema of counts of mobility (etalab/schema-comptage-mobilites)',
}

export const TRAFFIC_SITES: Dataset = {
  id: 'comptage-site',
  title: { fr: 'Comptage routier : sites', en: 'Traffic counts: sites' },
  description: {
    fr: `Sites de comptage routier du territoire, ${ACCORDING_TO.fr}, avec leur commune et leur emplacement.`,
    en: `The sites at which traffic is counted, ${ACCORDING_TO.en}, with commune and position.`,
  },
  keywords: KEYWORDS,
  themes: ['TRAN'],
  frequency: 'IRREG',
  schema: COMPTAGE_SITE,
  position: { longitude: 'xlong', latitude: 'ylat' },
  subject: ['site_id'],
  partOf: () => 'all',
  async *rows({ registry }) {
    yield openCounters(registry).map(({ site }) => [
      ...[site.id, '', site.name, site.commune],
      ...[degrees(site.position.lon), degrees(site.position.lat), '', infrastructureOf(site), ''],
    ])
  },
  subjects: ({ registry }) => siteIds(registry),
}

export const TRAFFIC_CHANNELS: Dataset = {
  id: 'comptage-channel',
  title: { fr: 'Comptage routier : canaux', en: 'Traffic counts: channels' },
  description: {
    fr: `Canaux de comptage routier du territoire, ${ACCORDING_TO.fr} : un canal par compteur de véhicules, au pas de temps d’une heure.`,
    en: `The channels by which traffic is counted, ${ACCORDING_TO.en}: one for each counter of vehicles, by the hour.`,
  },
  keywords: KEYWORDS,
  themes: ['TRAN'],
  frequency: 'IRREG',
  schema: COMPTAGE_CHANNEL,
  subject: ['site_id'],
  partOf: () => 'all',
  async *rows({ registry, sources }) {
    const channels = openCounters(registry).flatMap(({ points }) => points)
    const extents = new Map(
      (await sources.readings.series(channels.map(({ id }) => id))).map(each => [each.point, each]),
    )
    yield channels
      .toSorted((a, b) => compare(a.id, b.id))
      .flatMap(({ id, site }) => {
        // The national schema has no channel without a beginning.
        const first = extents.get(id)?.first
        if (first === undefined) return []
        const row = [
          ...[id, '', '', site, 'UNDEFINED', '', 'REMOTE TRANSMISSION', 'API', '', '', '', ''],
          ...[registry.territory.publisher.name, 'PERMANENT', toHour(first)],
          ...['', '', String(HOUR_MS / 1000), '', ''],
        ]
        return [row]
      })
  },
  subjects: ({ registry }) => siteIds(registry),
}

export const TRAFFIC_MEASURES: Dataset = {
  id: 'comptage-measure',
  title: { fr: 'Comptage routier : mesures horaires', en: 'Traffic counts: by the hour' },
  description: {
    fr: `Nombre de véhicules par heure de chaque canal de comptage, ${ACCORDING_TO.fr}. Une heure dont le comptage n’est pas connu reste vide ; 0 veut dire qu’aucun véhicule n’est passé.`,
    en: `Vehicles an hour of each channel, ${ACCORDING_TO.en}. An hour whose count is not known stays empty; 0 says that nobody passed.`,
  },
  keywords: KEYWORDS,
  themes: ['TRAN'],
  frequency: 'DAILY',
  schema: COMPTAGE_MEASURE,
  period: periodIn(COMPTAGE_MEASURE, 'start_datetime', 'end_datetime'),
  isKnown: row => row[COUNT] !== '',
  measure: row => ({ [row[COUNT] === '' ? 'absente' : 'mesuree']: 1 }),
  subject: ['channel_id'],
  partOf: row => row[2]!.slice(0, 'yyyy-mm'.length),
  async *rows({ registry, sources, now }, remarks = {}) {
    const channels = openCounters(registry).flatMap(({ points }) => points)
    const completeness: object[] = []
    for (const point of channels.toSorted((a, b) => compare(a.id, b.id))) {
      const hours = await sources.readings.aggregate(point.id, 'hour', 0, now)
      const counter = `${point.site}/${point.device}`
      const counts = hourlyCounts(hours, point.interval, now)
      completeness.push({ channel: point.id, ...toldHeard(counts.map(toStep), now) })
      yield counts.map(({ start, count }) => [
        ...[point.id, counter, toHour(start), toHour(start + HOUR_MS)],
        ...[count === undefined ? '' : String(count), ''],
      ])
    }
    remarks.completeness = completeness
  },
  subjects: ({ registry }) =>
    new Set(openCounters(registry).flatMap(({ points }) => points.map(({ id }) => id))),
}

const [COUNT] = columnsOf(COMPTAGE_MEASURE, ['count']) as [number]

/** So many days back, to the beginning of one of UTC: a file of years would be ten times that of hours. */
const DAYS_BY_SIX_MINUTES = 31

export const TRAFFIC_SIX_MINUTES: Dataset = {
  id: 'comptage-measure-6min',
  title: {
    fr: 'Comptage routier : mesures par six minutes, du dernier mois',
    en: 'Traffic counts: by six minutes, of the last month',
  },
  description: {
    fr: `Nombre de véhicules par six minutes de chaque canal de comptage relevé au moins aussi souvent, sur les ${DAYS_BY_SIX_MINUTES} derniers jours, ${ACCORDING_TO.fr}. Ce qui n’est pas connu reste vide ; 0 veut dire qu’aucun véhicule n’est passé. Les heures, elles, restent dans comptage-measure.`,
    en: `Vehicles by six minutes of each channel that is read at least as often, of the last ${DAYS_BY_SIX_MINUTES} days, ${ACCORDING_TO.en}. What is not known stays empty; 0 says that nobody passed. The hours stay in comptage-measure.`,
  },
  keywords: KEYWORDS,
  themes: ['TRAN'],
  frequency: 'DAILY',
  schema: COMPTAGE_MEASURE_6MIN,
  period: periodIn(COMPTAGE_MEASURE_6MIN, 'start_datetime', 'end_datetime'),
  isKnown: row => row[COUNT] !== '',
  measure: row => ({ [row[COUNT] === '' ? 'absente' : 'mesuree']: 1 }),
  subject: ['channel_id'],
  partOf: row => row[2]!.slice(0, 'yyyy-mm-dd'.length),
  async *rows({ registry, sources, now }, remarks = {}) {
    const completeness: object[] = []
    const from = Math.floor(now / DAY_MS) * DAY_MS - DAYS_BY_SIX_MINUTES * DAY_MS
    for (const point of channelsBySixMinutes(registry)) {
      // What was read just before says what stood at the beginning.
      const minutes = await sources.readings.aggregate(point.id, 'minute', from - SIX_MINUTES_MS, now)
      const counts = sixMinuteCounts(minutes, point.interval, now).filter(({ start }) => start >= from)
      completeness.push({ channel: point.id, ...toldHeard(counts.map(toStep), now, SIX_MINUTES_MS) })
      yield counts.map(({ start, count }) => [
        ...[point.id, `${point.site}/${point.device}`, toMinute(start), toMinute(start + SIX_MINUTES_MS)],
        ...[count === undefined ? '' : String(count), ''],
      ])
    }
    remarks.completeness = completeness
  },
  subjects: ({ registry }) => new Set(channelsBySixMinutes(registry).map(({ id }) => id)),
}

function toStep({ start, count }: { start: number; count: number | undefined }): HeardStep {
  return { start, share: Number(count !== undefined) }
}

function toMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}:00Z`
}

function channelsBySixMinutes(registry: Registry): MeasuredPoint[] {
  return openCounters(registry)
    .flatMap(({ points }) => points)
    .filter(({ interval }) => interval <= SIX_MINUTES_MS)
    .toSorted((a, b) => compare(a.id, b.id))
}

/** So much of what an hour should have must have been heard for its last index to be that of its end. */
const LEAST_HEARD = 0.9

/**
 * Vehicles of each hour from the second one on that was heard, up to the last that is over: the index at the end of the
 * hour less that at the end of the hour before. Undefined where one of them is not known, was heard in part only, or where
 * the index fell, as when a counter is replaced.
 * @param interval between two readings, ms
 */
export function hourlyCounts(
  hours: readonly Pick<Aggregate, 'start' | 'valid' | 'last' | 'min'>[],
  interval: number,
  now: number,
): { start: number; count: number | undefined }[] {
  const least = LEAST_HEARD * (HOUR_MS / interval)
  const heard = new Map(hours.filter(({ valid }) => valid >= least).map(hour => [hour.start, hour]))
  const first = hours[0]?.start
  const last = hours.at(-1)?.start
  if (first === undefined || last === undefined) return []
  const counts: { start: number; count: number | undefined }[] = []
  for (let start = first + HOUR_MS; start <= last && start + HOUR_MS <= now; start += HOUR_MS) {
    const [before, hour] = [heard.get(start - HOUR_MS), heard.get(start)]
    const end = before?.last ?? undefined
    const grows = hour && end !== undefined && hour.min !== null && hour.min >= end && hour.last !== null
    counts.push({ start, count: grows ? Math.round(hour.last! - end) : undefined })
  }
  return counts
}

interface OpenCounter {
  site: Site
  /** Indexes of vehicles. */
  points: readonly MeasuredPoint[]
}

/** The traffic counters that may appear, by id. */
function openCounters(registry: Registry): OpenCounter[] {
  const points = Map.groupBy(
    measuredPoints(registry).filter(({ quantityName }) => quantityName === 'vehicle-count'),
    point => point.site,
  )
  return [...registry.sites.values()]
    .filter(site => site.kind === 'traffic-counter' && mayAppear(site))
    .map(site => ({ site, points: points.get(site.id) ?? [] }))
    .toSorted((a, b) => compare(a.site.id, b.site.id))
}

function siteIds(registry: Registry): ReadonlySet<string> {
  return new Set(openCounters(registry).map(({ site }) => site.id))
}

function infrastructureOf(site: Site): string {
  const types = {
    autoroute: 'HIGHWAY',
    nationale: 'NATIONAL ROAD',
    departementale: 'DEPARTEMENTAL ROAD',
    metropolitaine: 'METROPOLITAN ROAD',
    autre: 'OTHER',
  } as const
  return types[roadClass(site)]
}

/** The national schema asks for four decimals at least. */
function degrees(value: number): string {
  const decimals = String(value).split('.')[1]?.length ?? 0
  return value.toFixed(Math.max(4, Math.min(decimals, 7)))
}
