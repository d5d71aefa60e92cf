import { localDate, periodStart } from '../model/calendar.ts'
import { quantity } from '../model/quantity.ts'
import { HOUR_MS } from '../model/time.ts'
import { asciiUnitLabel } from '../model/units.ts'
import { openStations, type RoadWeatherPoint } from '../registry/open-roads.ts'
import type { Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import { columnsOf, type Dataset, periodIn, type Row } from './dataset.ts'
import { toldHeard } from './heard.ts'
import { instantText } from './row-dates.ts'
import { ALERTES_ROUTES, METEO_ROUTIERE, type ROAD_CLASSES, STATIONS_ROUTIERES } from './schemas/routes.ts'
import type { Span } from './version.ts'

const KEYWORDS = ['routes', 'météo routière', 'viabilité hivernale']

export const ROAD_STATIONS: Dataset = {
  id: 'stations-routieres',
  title: { fr: 'Stations météo routières', en: 'Road weather stations' },
  description: {
    fr: 'Stations météorologiques le long des routes du territoire, avec leur emplacement, leur route et les grandeurs qu’elles mesurent, d’après le registre commun.',
    en: 'Weather stations along the roads of the territory, with their position, their road and what they measure, from the common registry.',
  },
  keywords: [...KEYWORDS, 'stations'],
  themes: ['TRAN'],
  frequency: 'IRREG',
  schema: STATIONS_ROUTIERES,
  position: { longitude: 'longitude', latitude: 'latitude' },
  subject: ['id_station'],
  partOf: () => 'all',
  measure: row => ({ [row[STATION_ROAD] === '' ? 'sans-route' : 'avec-route']: 1 }),
  async *rows({ registry }) {
    yield sortedStations(registry).map(({ site, points }) => [
      ...[site.id, site.name, site.road ?? '', site.commune],
      ...[String(site.position.lon), String(site.position.lat)],
      [...new Set(points.map(point => point.quantityName))].sort().join('|'),
      '',
    ])
  },
  subjects: ({ registry }) => stationIds(registry),
}

const [STATION_ROAD] = columnsOf(STATIONS_ROUTIERES, ['route']) as [number]

/** What the stations measured in numbers, by hour of UTC: an hour without a reading is absent. */
export const ROAD_WEATHER: Dataset = {
  id: 'meteo-routiere-heure',
  title: { fr: 'Météo routière horaire', en: 'Hourly road weather' },
  description: {
    fr: 'Minimum, moyenne et maximum horaires de ce que mesurent les stations météo routières : températures de l’air et de la chaussée, humidité, précipitations, vent, visibilité. Une heure sans mesure est absente, jamais un zéro.',
    en: 'Hourly minimum, mean and maximum of what the road weather stations measure: temperatures of air and surface, humidity, precipitation, wind, visibility. An hour without a reading is absent, never a zero.',
  },
  keywords: [...KEYWORDS, 'température', 'précipitations', 'vent'],
  themes: ['TRAN', 'ENVI'],
  frequency: 'DAILY',
  schema: METEO_ROUTIERE,
  period: periodIn(METEO_ROUTIERE, 'debut', 'fin'),
  isKnown: row => row[WEATHER_VALID] !== '0',
  subject: ['id_station'],
  partOf: row => row[WEATHER_START]!.slice(0, MONTH_LENGTH),
  measure: row => ({ [row[WEATHER_VALID] === '0' ? 'absente' : 'mesuree']: 1 }),
  async *rows({ registry, sources, now }, remarks = {}) {
    const completeness: object[] = []
    for (const { points } of sortedStations(registry))
      for (const point of points.filter(isNumeric).toSorted((a, b) => compare(sensorOf(a), sensorOf(b)))) {
        const hours = await sources.readings.aggregate(point.id, 'hour', 0, now)
        const heard = hours.map(({ start, valid }) => ({ start, share: (valid * point.interval) / HOUR_MS }))
        const named = { station: point.site, sensor: sensorOf(point), quantity: point.quantityName }
        completeness.push({ ...named, ...toldHeard(heard, now) })
        yield hours.filter(({ end }) => end <= now).map(hour => weatherRow(point, hour))
      }
    remarks.completeness = completeness
  },
  subjects: ({ registry }) => stationIds(registry),
}
const [WEATHER_START, WEATHER_VALID] = columnsOf(METEO_ROUTIERE, ['debut', 'mesures_valides']) as [
  number,
  number,
]
const MONTH_LENGTH = 7

/** How many alerts there were; not which, nor whom they were told. */
export const ROAD_ALERTS: Dataset = {
  id: 'alertes-routes',
  title: { fr: 'Alertes sur les routes', en: 'Alerts on the roads' },
  description: {
    fr: 'Nombre mensuel d’alertes des stations météo routières (verglas, neige, givre, …) par commune, classe de route, nature et gravité. Statistiques anonymes : aucune alerte ni aucune personne n’y figure.',
    en: 'Monthly number of alerts of the road weather stations (ice, snow, hoar, …) by commune, class of road, kind and severity. Anonymous statistics: no alert and nobody is in them.',
  },
  keywords: [...KEYWORDS, 'alertes', 'verglas'],
  themes: ['TRAN'],
  frequency: 'MONTHLY',
  schema: ALERTES_ROUTES,
  period: { start: 'mois', of: row => monthFrom(row[ALERT_MONTH]!) },
  // A month without a row is one without alerts.
  toldUntil: (time, timeZone) => localDate(periodStart('month', time, timeZone) - 1, timeZone),
  subject: ['code_commune'],
  partOf: row => row[ALERT_MONTH]!.slice(0, 4),
  measure: row => ({ alertes: Number(row[ALERT_COUNT]) }),
  async *rows({ registry, sources, now }) {
    const { timeZone } = registry.territory
    const sites = new Map(openStations(registry).map(({ site }) => [site.id, site]))
    const until = periodStart('month', now, timeZone)
    const lives = await sources.records.alertLives(0, until)
    const counts = new Map<string, { row: Row; count: number }>()
    for (const { alert } of lives) {
      const site = sites.get(alert.site)
      if (!site || alert.firedAt >= until) continue
      const month = localDate(periodStart('month', alert.firedAt, timeZone), timeZone)
      const row = [month, site.commune, roadClass(site), alert.phenomenon ?? 'autre', alert.severity]
      const key = row.join('\n')
      counts.set(key, { row, count: (counts.get(key)?.count ?? 0) + 1 })
    }
    yield [...counts]
      .toSorted(([a], [b]) => compare(a, b))
      .map(([, { row, count }]) => [...row, String(count), ''])
  },
  subjects: ({ registry }) => new Set(openStations(registry).map(({ site }) => site.commune)),
}

const [ALERT_MONTH, ALERT_COUNT] = columnsOf(ALERTES_ROUTES, ['mois', 'alertes']) as [number, number]

/** @param start its first day, as a date */
function monthFrom(start: string): Span {
  return { start, end: Temporal.PlainDate.from(start).add({ months: 1 }).toString() }
}

function weatherRow(
  point: RoadWeatherPoint,
  hour: {
    start: number
    end: number
    min: number | null
    mean: number | null
    max: number | null
    valid: number
  },
): Row {
  const told = (value: number | null) => (value === null ? '' : String(Math.round(value * 1000) / 1000))
  return [
    ...[point.site, sensorOf(point), point.quantityName, toHour(hour.start), toHour(hour.end)],
    ...[told(hour.min), told(hour.mean), told(hour.max)],
    ...[asciiUnitLabel(point.unit), String(hour.valid), ''],
  ]
}

/** As the road weather API names it. */
function sensorOf({ device, name }: RoadWeatherPoint): string {
  return `${device}.${name}`
}

function isNumeric({ quantityName }: RoadWeatherPoint): boolean {
  // A mean direction would be none: 359° and 1° are not 180°.
  return quantity(quantityName).value === 'number' && quantityName !== 'wind-direction'
}

/** By the letter before its number: D 907 is a départementale. */
export function roadClass({ road = '' }: Pick<Site, 'road'>): (typeof ROAD_CLASSES)[number] {
  const letter = /^\s*(?:R(?=[DN]))?([ANDM])\s*\d/.exec(road)?.[1]
  const classes = { A: 'autoroute', N: 'nationale', D: 'departementale', M: 'metropolitaine' } as const
  return letter ? classes[letter as keyof typeof classes] : 'autre'
}

function sortedStations(registry: Registry) {
  return openStations(registry).toSorted((a, b) => compare(a.site.id, b.site.id))
}

function stationIds(registry: Registry): ReadonlySet<string> {
  return new Set(openStations(registry).map(({ site }) => site.id))
}

/** The hour of an instant, by its beginning. */
export function toHour(time: number): string {
  return instantText(Math.floor(time / HOUR_MS) * HOUR_MS)
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
