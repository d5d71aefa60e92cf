import type { QualityCode } from '../../model/quality.ts'
import { qualityOf, reasonOf } from '../../model/quality.ts'
import { quantity } from '../../model/quantity.ts'
import { AHEAD_MS, type Reading } from '../../model/reading.ts'
import { asNumber, stateCodes } from '../../model/road-weather.ts'
import { DAY_MS } from '../../model/time.ts'
import type { OpenStation, RoadWeatherPoint } from '../../registry/open-roads.ts'
import type { Contribution, DescribedStream } from './catalogue.ts'
import { describeThing } from './catalogue.ts'
import { costOfCount, countReadings } from './count-readings.ts'
import type { DescribedSources } from './described-sources.ts'
import { definitionOf } from './observed-properties.ts'
import { TimeValue } from './odata/time-value.ts'
import { observationOf, type Stream } from './streams.ts'
import { describeUnit } from './units.ts'

/** A road weather station that may be published, with what its sensors say and have said. */
export function describeStation({ site, points }: OpenStation, sources: DescribedSources): Contribution {
  const { language, terms, baseUrl } = sources
  const description = { fr: 'Station météo routière', en: 'Road weather station' }[language]
  return describeThing(
    {
      ...{ id: site.id, name: site.name, description, position: site.position },
      properties: {
        ...{ kind: 'road-station', municipalityCode: site.commune, road: site.road ?? null },
        ...{ dataset: `${baseUrl}/open-data/stations-routieres`, ...terms },
      },
    },
    points.map(point => describePoint(site.name, point, sources)),
  )
}

function describePoint(station: string, point: RoadWeatherPoint, sources: DescribedSources): DescribedStream {
  const { baseUrl, language, terms } = sources
  const { label } = quantity(point.quantityName)
  const states = Object.entries(stateCodes(point.quantityName))
  const device = { fr: 'appareil', en: 'device' }[language]
  return {
    stream: streamOfPoint(point, sources),
    name: `${station}, ${point.label[language]}`,
    description: point.label[language],
    observationType: {
      number: 'OM_Measurement' as const,
      boolean: 'OM_TruthObservation' as const,
      string: 'OM_Observation' as const,
    }[quantity(point.quantityName).value],
    unitOfMeasurement: describeUnit(point.unit),
    properties: {
      labels: point.label,
      ucum: point.unit === '1' ? null : point.unit,
      collectionInterval: point.interval / 1000,
      ...(states.length > 0 && {
        states: Object.fromEntries(states.map(([word, { fr, en }]) => [word, { fr, en }])),
      }),
      ...{ dataset: `${baseUrl}/open-data/meteo-routiere-heure`, ...terms },
    },
    sensor: {
      id: `${point.site}.${point.device}`,
      name: `${station}, ${device} ${point.device}`,
      description: { fr: 'Capteurs de la station météo routière', en: 'Sensors of the road weather station' }[
        language
      ],
      metadata: `${baseUrl}/open-data/stations-routieres`,
    },
    observedProperty: {
      id: point.quantityName,
      name: label[language],
      description: label[language],
      definition: definitionOf(point.quantityName) ?? `${baseUrl}/api/weather/v1/sensors`,
      properties: { labels: label },
    },
  }
}

/** What a sensor said that was valid. */
function streamOfPoint(
  point: RoadWeatherPoint,
  { readings, timeZone, now }: Pick<DescribedSources, 'readings' | 'timeZone' | 'now'>,
): Stream {
  const named = { id: `${point.site}.${point.device}.${point.name}`, feature: point.site }
  // What lies further ahead is a clock that was wrong.
  const until = (to: number) => Math.min(to, now() + AHEAD_MS)
  const keptFrom = async () => {
    const deleted = (await readings.deleted?.(point.id)) ?? []
    return Math.max(0, ...deleted.map(({ before }) => before))
  }
  const lastUntil = async (to: number) => (await readings.range(point.id, to - DAY_MS, to)).at(-1)?.time
  return {
    ...named,
    isInstant: true,
    interval: point.interval,
    async extent() {
      const [found] = await readings.series([point.id])
      if (!found) return undefined
      const start = Math.max(found.first, await keptFrom())
      const end = until(found.last) === found.last ? found.last : await lastUntil(until(found.last))
      if (end === undefined || end < start) return undefined
      const [phenomenon, isCutBefore, isCutBehind] = [{ start, end }, start > found.first, end < found.last]
      return { phenomenon, result: phenomenon, last: end, isCutBefore, isCutBehind }
    },
    async read(from, to, mostRows) {
      const found = await readings.range(point.id, from, until(to), mostRows)
      return {
        rows: found.length,
        observations: found.flatMap(reading => describeReading(named, point, reading) ?? []),
      }
    },
    lookCost: 1,
    countCost: span => costOfCount(span, point.interval, timeZone),
    count: span =>
      countReadings(readings, point.id, span, {
        timeZone,
        says: reading => describeReading(named, point, reading) !== undefined,
      }),
  }
}

/** Undefined of what says nothing: it is bad, or a word that is none of ours. */
function describeReading(
  stream: Pick<Stream, 'id' | 'feature'>,
  point: RoadWeatherPoint,
  { time, value, quality }: Reading,
) {
  if (asNumber(point.quantityName, value) === undefined) return undefined
  const instant = new TimeValue(time)
  return observationOf(stream, instant, {
    result: value,
    resultTime: instant,
    resultQuality: describeQuality(quality),
  })
}

function describeQuality(code: QualityCode) {
  return { quality: qualityOf(code), reason: reasonOf(code) ?? null }
}
