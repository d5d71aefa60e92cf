import { z } from 'zod'
import { type QualityCode, qualityOf } from '../../model/quality.ts'
import { asNumber, stateCodes } from '../../model/road-weather.ts'
import { unitLabel } from '../../model/units.ts'
import type { OpenStation, RoadWeatherPoint } from '../../registry/open-roads.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { instantSchema } from '../fields.ts'
import { type Latest, readLatest } from '../readings/latest.ts'
import { sensorId, sensorIdSchema } from './sensors.ts'

export const reliabilitySchema = z
  .enum(['OK', 'SUSPICIOUS'])
  .describe('SUSPICIOUS: the source vouches for it only in part')

const valueSchema = z.strictObject({
  id: sensorIdSchema,
  stationId: z.string(),
  name: z.string(),
  shortName: z.string(),
  measuredTime: instantSchema,
  value: z.number().describe('A state as its code, which /api/weather/v1/sensors describes'),
  unit: z.string(),
  reliability: reliabilitySchema,
  sensorValueDescriptionFr: z.string().nullable(),
  sensorValueDescriptionEn: z.string().nullable(),
})

const unavailableSchema = z.strictObject({
  id: sensorIdSchema,
  status: z
    .enum(['stale', 'bad', 'missing'])
    .describe(
      '`stale`: silent for three of its intervals; `bad`: it says that it does not know; `missing`: never heard',
    ),
  measuredTime: instantSchema.nullable().describe('Of what it said last'),
})

export const stationDataSchema = z
  .strictObject({
    id: z.string(),
    dataUpdatedTime: instantSchema.nullable().describe('Of the newest of these values'),
    sensorValues: z.array(valueSchema).describe('Only what is known now'),
    unavailableSensors: z.array(unavailableSchema).describe('Sensors whose value is not known now, and why'),
  })
  .meta({ id: 'RoadWeatherData' })
export type StationData = z.output<typeof stationDataSchema>

/** What is known now at each of the stations, in their order. */
export async function readStations(
  readings: ReadingStore,
  stations: readonly OpenStation[],
  now: number,
): Promise<StationData[]> {
  const points = stations.flatMap(station => station.points)
  const latest = new Map((await readLatest(readings, points, now)).map(each => [each.point, each]))
  return stations.map(({ site, points }) => {
    const said = points.map(point => describeValue(point, latest.get(point.id)!))
    const sensorValues = said.filter(each => 'value' in each)
    return {
      id: site.id,
      dataUpdatedTime: newestOf(sensorValues),
      sensorValues,
      unavailableSensors: said.filter(each => 'status' in each),
    }
  })
}

/** The newest of times in RFC 3339 with the same precision, which sort as text. */
export function newestOf(measured: readonly { measuredTime: string | null }[]): string | null {
  const times = measured.map(each => each.measuredTime).filter(time => time !== null)
  return times.reduce<string | null>(
    (newest, time) => (newest === null || time > newest ? time : newest),
    null,
  )
}

export function reliabilityOf(quality: QualityCode): z.output<typeof reliabilitySchema> {
  return qualityOf(quality) === 'good' ? 'OK' : 'SUSPICIOUS'
}

function describeValue(
  point: RoadWeatherPoint,
  { status, reading, value: current }: Latest,
): z.output<typeof valueSchema> | z.output<typeof unavailableSchema> {
  const id = sensorId(point)
  const value = asNumber(point.quantityName, current)
  if (status !== 'current' || value === undefined) {
    // A word that is none of ours says nothing.
    const why = status === 'current' ? 'bad' : status
    return { id, status: why, measuredTime: reading?.time ?? null }
  }
  const state = stateCodes(point.quantityName)[String(current)]
  return {
    id,
    stationId: point.site,
    name: point.quantityName,
    shortName: point.name,
    measuredTime: reading!.time,
    value,
    unit: unitLabel(point.unit),
    reliability: reliabilityOf(reading!.quality as QualityCode),
    sensorValueDescriptionFr: state?.fr ?? null,
    sensorValueDescriptionEn: state?.en ?? null,
  }
}
