import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { type OpenStation, openStations } from '../../registry/open-roads.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { idParameter, instantSchema, span, timeParameter } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { historySchema, readHistory } from './history.ts'
import { describeSensors, sensorIdSchema, sensorSchema } from './sensors.ts'
import { describeStation, describeStations, stationSchema, stationsSchema } from './stations.ts'
import { newestOf, readStations, stationDataSchema } from './values.ts'

export interface RoadWeatherRoutes {
  registry: Registry
  readings: ReadingStore
  clock: Clock
}

const tags = ['road-weather']
const stationParameter = z.strictObject({ id: idParameter })
const lastUpdated = z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false)
const GEO_JSON = 'application/geo+json'

/**
 * Road weather in the shape of Digitraffic's API of Fintraffic (tmfg/digitraffic-road, WeatherControllerV1 and its
 * DTOs), so that what reads theirs reads ours: the differences are that ids are words, that a key is null where theirs
 * is absent, and that sensors whose value is not known now are named with the reason.
 */
export function addRoadWeatherRoutes(server: Server, { registry, readings, clock }: RoadWeatherRoutes): void {
  const read = (stations: readonly OpenStation[]) => readStations(readings, stations, clock.now())

  const stationOf = (id: string): OpenStation => {
    const station = openStations(registry).find(({ site }) => site.id === id)
    if (station) return station
    throw new Problem(
      404,
      `No road station ${id} is published; /api/weather/v1/stations lists those that are.`,
    )
  }

  server.get(
    '/api/weather/v1/stations',
    {
      schema: {
        tags,
        summary: 'The road weather stations',
        response: { 200: { content: { [GEO_JSON]: { schema: stationsSchema } } }, ...problems(400, 503) },
      },
    },
    async (_, reply) => {
      const stations = openStations(registry)
      return reply
        .type(GEO_JSON)
        .header('Cache-Control', 'public, max-age=60')
        .send(describeStations(stations, await read(stations)))
    },
  )

  server.get(
    '/api/weather/v1/stations/:id',
    {
      schema: {
        tags,
        summary: 'One road weather station',
        params: stationParameter,
        response: { 200: { content: { [GEO_JSON]: { schema: stationSchema } } }, ...problems(400, 404, 503) },
      },
    },
    async ({ params }, reply) => {
      const station = stationOf(params.id)
      const [data] = await read([station])
      return reply
        .type(GEO_JSON)
        .header('Cache-Control', 'public, max-age=60')
        .send(describeStation(station, data!))
    },
  )

  server.get(
    '/api/weather/v1/sensors',
    {
      schema: {
        tags,
        summary: 'The kinds of sensors, their units, and what the codes of states mean',
        response: { 200: z.strictObject({ sensors: z.array(sensorSchema) }), ...problems(400) },
      },
    },
    async (_, reply) => {
      reply.header('Cache-Control', 'public, max-age=60')
      return { sensors: describeSensors(openStations(registry)) }
    },
  )

  server.get(
    '/api/weather/v1/stations/data',
    {
      schema: {
        tags,
        summary: 'What is known now at every road weather station',
        querystring: z.strictObject({
          lastUpdated: lastUpdated.describe('Only the time of the newest value, without the stations'),
        }),
        response: {
          200: z.strictObject({
            dataUpdatedTime: instantSchema.nullable(),
            stations: z.array(stationDataSchema),
          }),
          ...problems(400, 503),
        },
      },
    },
    async ({ query }, reply) => {
      const stations = await read(openStations(registry))
      reply.header('Cache-Control', 'public, max-age=30')
      return {
        dataUpdatedTime: newestOf(stations.map(each => ({ measuredTime: each.dataUpdatedTime }))),
        stations: query.lastUpdated ? [] : stations,
      }
    },
  )

  server.get(
    '/api/weather/v1/stations/:id/data',
    {
      schema: {
        tags,
        summary: 'What is known now at a road weather station',
        params: stationParameter,
        response: { 200: stationDataSchema, ...problems(400, 404, 503) },
      },
    },
    async ({ params }, reply) => {
      const [data] = await read([stationOf(params.id)])
      reply.header('Cache-Control', 'public, max-age=30')
      return data!
    },
  )

  server.get(
    '/api/weather/v1/stations/:id/data/history',
    {
      schema: {
        tags,
        summary: 'What the sensors of a road weather station said; by default in the last 24 hours',
        params: stationParameter,
        querystring: z.strictObject({
          from: timeParameter.optional(),
          to: timeParameter.optional(),
          sensorId: sensorIdSchema.optional(),
        }),
        response: { 200: historySchema, ...problems(400, 404, 503) },
      },
    },
    async ({ params, query }, reply) => {
      const station = stationOf(params.id)
      const asked = span(query, 'road-weather', clock.now(), registry.territory.timeZone)
      reply.header('Cache-Control', 'public, max-age=60')
      return readHistory(readings, station, { ...asked, sensor: query.sensorId })
    },
  )
}
