import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { roadRegistry } from '../rules/road-station.ts'
import { type Hub, type Json, MINUTE, NOW, reading, startHub } from './hub.ts'

const QUANTITIES = [
  'surface-temperature',
  'surface-condition',
  'precipitation',
  'wind-speed',
  'visibility',
  'fault',
] as const
const HOUR = 60 * MINUTE

let hub: Hub
beforeAll(async () => {
  const registry = await roadRegistry(
    [
      { site: 'col', lat: 44, quantities: QUANTITIES, openData: true },
      { site: 'pont', lat: 45, quantities: ['air-temperature'], openData: true },
      { site: 'depot', lat: 46, quantities: ['air-temperature'] },
    ],
    [],
  )
  hub = await startHub({ registry })
  await hub.store(
    reading('col/meteo/surface-temperature', NOW - 26 * HOUR, 4),
    reading('col/meteo/surface-temperature', NOW - 2 * HOUR, 1),
    reading('col/meteo/surface-temperature', NOW - HOUR, null, 'bad:timeout'),
    reading('col/meteo/surface-temperature', NOW - MINUTE, -1.5, 'uncertain:clock'),
    reading('col/meteo/surface-condition', NOW - MINUTE, 'slush'),
    reading('col/meteo/precipitation', NOW - 30_000, true),
    reading('col/meteo/wind-speed', NOW - HOUR, 12),
    reading('col/meteo/visibility', NOW - MINUTE, null, 'bad:sensor-fault'),
    reading('col/meteo/fault', NOW - MINUTE, true),
    reading('depot/meteo/air-temperature', NOW - MINUTE, 7),
  )
})
afterAll(() => hub.close())

const STATIONS = '/api/weather/v1/stations'
const at = (time: number) => new Date(time).toISOString()

describe('the stations', () => {
  it('are GeoJSON, and only those that may be published', async () => {
    const response = await hub.get(STATIONS)
    expect(response.headers.get('content-type')).toMatch(/^application\/geo\+json/)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const col = { id: 'col', name: 'col', collectionStatus: 'GATHERING', state: 'FAULT_DOUBT' }
    expect(await response.json()).toEqual({
      type: 'FeatureCollection',
      dataUpdatedTime: at(NOW - 30_000),
      features: [
        {
          ...{ type: 'Feature', id: 'col', geometry: { type: 'Point', coordinates: [6, 44] } },
          properties: { ...col, dataUpdatedTime: at(NOW - 30_000) },
        },
        {
          ...{ type: 'Feature', id: 'pont', geometry: { type: 'Point', coordinates: [6, 45] } },
          properties: { ...col, id: 'pont', name: 'pont', dataUpdatedTime: null },
        },
      ],
    })
  })

  it('one says which sensors it has: not its faults', async () => {
    const { properties } = await hub.json(`${STATIONS}/col`)
    expect(properties).toMatchObject({ collectionInterval: 60, road: null, municipalityCode: '04001' })
    expect(properties.sensors).toEqual(QUANTITIES.slice(0, 5).map(name => `meteo.${name}`))
  })

  it('one that is not published is not there, whatever is asked of it', async () => {
    for (const path of ['', '/data', '/data/history']) {
      expect((await hub.get(`${STATIONS}/depot${path}`)).status, path).toBe(404)
      expect((await hub.get(`${STATIONS}/lune${path}`)).status, path).toBe(404)
    }
    expect(JSON.stringify(await hub.json(`${STATIONS}/data`))).not.toContain('depot')
  })

  it('the sensors say their units and what their codes mean', async () => {
    const { sensors } = await hub.json('/api/weather/v1/sensors')
    const named = new Map(sensors.map((sensor: Json) => [sensor.id, sensor]))
    expect(named.get('meteo.surface-temperature')).toMatchObject({ unit: '°C', sensorValueDescriptions: [] })
    expect((named.get('meteo.surface-condition') as Json).sensorValueDescriptions).toContainEqual({
      sensorValue: 7,
      descriptionFr: 'Verglacée',
      descriptionEn: 'Ice',
    })
    expect(named.has('meteo.fault')).toBe(false)
  })
})

describe('what is known now', () => {
  it('has no value of what is stale, bad or missing, but the reason', async () => {
    const data = await hub.json(`${STATIONS}/col/data`)
    const value = { stationId: 'col', unit: '', reliability: 'OK', measuredTime: at(NOW - MINUTE) }
    expect(data).toEqual({
      id: 'col',
      dataUpdatedTime: at(NOW - 30_000),
      sensorValues: [
        {
          ...value,
          ...{ id: 'meteo.surface-temperature', name: 'surface-temperature', value: -1.5, unit: '°C' },
          ...{ shortName: 'surface-temperature', reliability: 'SUSPICIOUS' },
          ...{ sensorValueDescriptionFr: null, sensorValueDescriptionEn: null },
        },
        {
          ...value,
          ...{ id: 'meteo.surface-condition', name: 'surface-condition', shortName: 'surface-condition' },
          ...{ value: 9, sensorValueDescriptionFr: 'Neige fondante', sensorValueDescriptionEn: 'Slushy' },
        },
        {
          ...value,
          ...{ id: 'meteo.precipitation', name: 'precipitation', shortName: 'precipitation', value: 1 },
          ...{ sensorValueDescriptionFr: 'Oui', sensorValueDescriptionEn: 'Yes' },
          measuredTime: at(NOW - 30_000),
        },
      ],
      unavailableSensors: [
        { id: 'meteo.wind-speed', status: 'stale', measuredTime: at(NOW - HOUR) },
        { id: 'meteo.visibility', status: 'bad', measuredTime: at(NOW - MINUTE) },
      ],
    })
    const all = await hub.json(`${STATIONS}/data`)
    expect(all.stations[0]).toEqual(data)
    expect(all.stations[1].unavailableSensors).toEqual([
      { id: 'meteo.air-temperature', status: 'missing', measuredTime: null },
    ])
    expect(await hub.json(`${STATIONS}/data?lastUpdated=true`)).toEqual({
      dataUpdatedTime: at(NOW - 30_000),
      stations: [],
    })
  })
})

describe('the history', () => {
  it('is of the last day, in order, without what was not measured', async () => {
    const { values, ...more } = await hub.json(`${STATIONS}/col/data/history`)
    expect(more).toEqual({ id: 'col', dataUpdatedTime: at(NOW - 30_000), keptFrom: null })
    expect(values.map((value: Json) => [value.sensorId, value.sensorValue])).toEqual([
      ['meteo.surface-temperature', 1],
      ['meteo.wind-speed', 12],
      ['meteo.surface-condition', 9],
      ['meteo.surface-temperature', -1.5],
      ['meteo.precipitation', 1],
    ])
  })

  it('is of a sensor and a span', async () => {
    const from = at(NOW - 27 * HOUR)
    const to = at(NOW - 2 * HOUR)
    const { values } = await hub.json(
      `${STATIONS}/col/data/history?sensorId=meteo.surface-temperature&from=${from}&to=${to}`,
    )
    expect(values).toEqual([
      {
        ...{ roadStationId: 'col', sensorId: 'meteo.surface-temperature', sensorValue: 4 },
        ...{ measuredTime: at(NOW - 26 * HOUR), reliability: 'OK' },
      },
    ])
  })

  it.each([
    ['?sensorId=meteo.fault', 'sensorId'],
    ['?sensorId=surface-temperature', 'sensorId'],
    ['?from=2026-11-01', 'from'],
    ['?from=now', 'from'],
    ['?sensor=meteo.wind-speed', 'sensor'],
  ])('refuses %s and names the parameter', async (query, name) => {
    const response = await hub.get(`${STATIONS}/col/data/history${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ in: 'query', name }] })
  })
})

it.each([
  [STATIONS],
  [`${STATIONS}/col`, `${STATIONS}/{id}`],
  ['/api/weather/v1/sensors'],
  [`${STATIONS}/data`],
  [`${STATIONS}/col/data`, `${STATIONS}/{id}/data`],
  [`${STATIONS}/col/data/history`, `${STATIONS}/{id}/data/history`],
])('%s is as described', async (address, path = address) => {
  const document = await hub.json('/openapi.json')
  const [{ schema }] = Object.values<Json>(document.paths[path].get.responses[200].content) as [Json]
  const definitions = JSON.stringify({ ...schema, $defs: document.components.schemas })
  const check = z.fromJSONSchema(JSON.parse(definitions.replaceAll('#/components/schemas/', '#/$defs/')))
  const answer = await hub.json(address)
  expect(check.safeParse(answer).error).toBeUndefined()
  expect(check.safeParse({ ...answer, surprise: 1 }).success).toBe(false)
})
