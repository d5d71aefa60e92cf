import { z } from 'zod'
import type { OpenStation } from '../../registry/open-roads.ts'
import { instantSchema, textSchema } from '../fields.ts'
import { sensorId, sensorIdSchema } from './sensors.ts'
import { newestOf, type StationData } from './values.ts'

const simpleFields = {
  id: z.string(),
  name: z.string(),
  collectionStatus: z.literal('GATHERING'),
  state: z.enum(['OK', 'FAULT_DOUBT']).describe('FAULT_DOUBT: a sensor is not known now'),
  dataUpdatedTime: instantSchema.nullable().describe('Of the newest value that is known now'),
}

function featureOf<P extends z.ZodType>(properties: P) {
  return z.strictObject({
    type: z.literal('Feature'),
    id: z.string(),
    geometry: z.strictObject({
      type: z.literal('Point'),
      coordinates: z.array(z.number()).length(2).describe('Longitude, latitude; WGS 84'),
    }),
    properties,
  })
}

export const stationsSchema = z.strictObject({
  type: z.literal('FeatureCollection'),
  dataUpdatedTime: instantSchema.nullable(),
  features: z.array(featureOf(z.strictObject(simpleFields))),
})

export const stationSchema = featureOf(
  z.strictObject({
    ...simpleFields,
    collectionInterval: z.number().nullable().describe('Of the sensor that is read most often, s'),
    names: textSchema,
    road: z.string().nullable().describe('Road and kilometre point'),
    municipalityCode: z.string().describe('INSEE code of the commune'),
    country: z.literal('FR'),
    sensors: z.array(sensorIdSchema),
  }),
)

export function describeStations(
  stations: readonly OpenStation[],
  data: readonly StationData[],
): z.output<typeof stationsSchema> {
  const features = stations.map((station, i) => describeSimple(station, data[i]!))
  return {
    type: 'FeatureCollection',
    dataUpdatedTime: newestOf(
      features.map(({ properties }) => ({ measuredTime: properties.dataUpdatedTime })),
    ),
    features,
  }
}

export function describeStation(station: OpenStation, data: StationData): z.output<typeof stationSchema> {
  const { site, points } = station
  const { properties, ...feature } = describeSimple(station, data)
  return {
    ...feature,
    properties: {
      ...properties,
      collectionInterval: points.length > 0 ? Math.min(...points.map(point => point.interval)) / 1000 : null,
      names: { fr: site.name, en: site.name },
      road: site.road ?? null,
      municipalityCode: site.commune,
      country: 'FR',
      sensors: points.map(sensorId),
    },
  }
}

function describeSimple({ site }: OpenStation, { dataUpdatedTime, unavailableSensors }: StationData) {
  return {
    type: 'Feature' as const,
    id: site.id,
    geometry: {
      type: 'Point' as const,
      coordinates: [site.position.lon, site.position.lat] as [number, number],
    },
    properties: {
      id: site.id,
      name: site.name,
      collectionStatus: 'GATHERING' as const,
      state: unavailableSensors.length > 0 ? ('FAULT_DOUBT' as const) : ('OK' as const),
      dataUpdatedTime,
    },
  }
}
