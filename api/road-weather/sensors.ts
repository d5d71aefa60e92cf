import { z } from 'zod'
import { stateCodes } from '../../model/road-weather.ts'
import { unitLabel } from '../../model/units.ts'
import type { OpenStation, RoadWeatherPoint } from '../../registry/open-roads.ts'
import { textSchema } from '../fields.ts'

/** `<device>.<point>`: ids have no dot, so that it names one sensor of a station, also in a topic of MQTT. */
export function sensorId({ device, name }: Pick<RoadWeatherPoint, 'device' | 'name'>): string {
  return `${device}.${name}`
}

export const sensorIdSchema = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'write a sensor as <device>.<point>')
  .describe('`<device>.<point>`')

export const sensorSchema = z.strictObject({
  id: sensorIdSchema,
  name: z.string(),
  shortName: z.string(),
  descriptions: textSchema,
  unit: z.string().describe('As people write it: `°C`; empty of a state'),
  sensorValueDescriptions: z
    .array(z.strictObject({ sensorValue: z.number(), descriptionFr: z.string(), descriptionEn: z.string() }))
    .describe('What the codes of a state mean; empty of a measurement'),
})

export function describeSensor(point: RoadWeatherPoint): z.output<typeof sensorSchema> {
  return {
    id: sensorId(point),
    name: point.quantityName,
    shortName: point.name,
    descriptions: point.label,
    unit: unitLabel(point.unit),
    sensorValueDescriptions: Object.values(stateCodes(point.quantityName)).map(({ code, fr, en }) => ({
      sensorValue: code,
      descriptionFr: fr,
      descriptionEn: en,
    })),
  }
}

/** The kinds of sensors of all stations: once each, and again where a station has it in another unit. */
export function describeSensors(stations: readonly OpenStation[]): z.output<typeof sensorSchema>[] {
  const described = stations.flatMap(({ points }) => points.map(describeSensor))
  return [...new Map(described.map(sensor => [JSON.stringify(sensor), sensor])).values()]
}
