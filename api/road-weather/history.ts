import { z } from 'zod'
import { asNumber } from '../../model/road-weather.ts'
import type { OpenStation, RoadWeatherPoint } from '../../registry/open-roads.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { instant, instantOrNull, instantSchema, WrongParameter } from '../fields.ts'
import { sensorId, sensorIdSchema } from './sensors.ts'
import { newestOf, reliabilityOf, reliabilitySchema } from './values.ts'

const historyValueSchema = z.strictObject({
  roadStationId: z.string(),
  sensorId: sensorIdSchema,
  sensorValue: z.number(),
  measuredTime: instantSchema,
  reliability: reliabilitySchema,
})

export const historySchema = z.strictObject({
  id: z.string(),
  dataUpdatedTime: instantSchema.nullable(),
  values: z
    .array(historyValueSchema)
    .describe('By time, then by sensor; a time at which a sensor said nothing valid is absent'),
  keptFrom: instantSchema.nullable().describe('Readings of before were deleted (retention). Null: none were'),
})

/** More than this is not answered at once. */
const MOST_VALUES = 50_000

/**
 * What the sensors of a station, or one of them, said with from <= time < to, ms UTC.
 * @throws WrongParameter when the station has no such sensor, or when that is too much for one answer.
 */
export async function readHistory(
  readings: ReadingStore,
  { site, points }: OpenStation,
  { from, to, sensor }: { from: number; to: number; sensor?: string | undefined },
): Promise<z.output<typeof historySchema>> {
  const asked = points.filter(point => sensor === undefined || sensorId(point) === sensor)
  if (sensor !== undefined && asked.length === 0)
    throw new WrongParameter('sensorId', `the station ${site.id} has no sensor ${sensor}`)

  const values: z.output<typeof historyValueSchema>[] = []
  for (const point of asked) {
    const found = await readings.range(point.id, from, to, MOST_VALUES - values.length + 1)
    if (values.length + found.length > MOST_VALUES) {
      throw new WrongParameter('from', `there is more than ${MOST_VALUES} values: ask for less time`)
    }
    for (const { time, value, quality } of found) {
      const sensorValue = asNumber(point.quantityName, value)
      if (sensorValue === undefined) continue
      values.push({
        roadStationId: site.id,
        sensorId: sensorId(point),
        sensorValue,
        measuredTime: instant(time),
        reliability: reliabilityOf(quality),
      })
    }
  }
  values.sort((a, b) => compare(a.measuredTime, b.measuredTime) || compare(a.sensorId, b.sensorId))
  return {
    id: site.id,
    dataUpdatedTime: newestOf(values),
    values,
    keptFrom: instantOrNull(await keptFrom(readings, asked)),
  }
}

async function keptFrom(readings: ReadingStore, points: readonly RoadWeatherPoint[]) {
  const deleted = await Promise.all(points.map(async ({ id }) => (await readings.deleted?.(id)) ?? []))
  const before = deleted.flat().map(each => each.before)
  return before.length > 0 ? Math.max(...before) : undefined
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
