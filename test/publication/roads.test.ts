import { expect, it } from 'vitest'
import type { Alert } from '../../model/alert.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Dataset, Sources } from '../../publication/dataset.ts'
import { followDays, lastCompleteDay } from '../../publication/last-day.ts'
import { ROAD_ALERTS, ROAD_STATIONS, ROAD_WEATHER, roadClass } from '../../publication/roads.ts'
import { sixMinuteCounts } from '../../publication/six-minutes.ts'
import {
  hourlyCounts,
  TRAFFIC_CHANNELS,
  TRAFFIC_MEASURES,
  TRAFFIC_SITES,
  TRAFFIC_SIX_MINUTES,
} from '../../publication/traffic.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Aggregate } from '../../store/readings.ts'
import { frostAlert } from '../api/hub.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { loadTerritory } from '../rules/territory.ts'
import { sourcesOf } from './files.ts'

const START = Date.UTC(2026, 10, 22, 3)
const NOW = START + 4.5 * HOUR_MS

const site = (id: string, kind: string, more = '') =>
  `  - { id: ${id}, name: ${id}, kind: ${kind}, position: { lat: 48.5, lon: 3.1 }, commune: '42218', ${more} }`
const device = (n: number, id: string, where: string, points: string) => `      - id: line-${n}
        driver: modbus
        host: 127.0.0.${n}
        devices:
          - id: ${id}
            site: ${where}
            points:
${points}`
const point = (name: string, quantity: string, unit: string, type = 'float32') =>
  `              ${name}: { quantity: ${quantity}, unit: '${unit}', interval: 1min, modbus: { table: input, address: 0, type: ${type} } }`

const territory = await loadTerritory(
  `
sites:
${site('pont', 'road-station', 'openData: true, road: D 41 PR 3+0')}
${site('col', 'road-station', 'openData: true, road: N 7')}
${site('depot', 'road-station')}
${site('rocade', 'traffic-counter', 'openData: true, road: A 6')}
${site('cachee', 'traffic-counter')}
gateways:
  - id: gw
    name: Gateway
    connections:
${device(1, 'meteo', 'pont', point('surface', 'surface-temperature', 'Cel'))}
${device(2, 'meteo', 'col', [point('air', 'air-temperature', 'Cel'), point('etat', 'surface-condition', '1', 'string, length: 8'), point('cap', 'wind-direction', 'deg'), point('panne', 'fault', '1', 'bool, bit: 0')].join('\n'))}
${device(3, 'meteo', 'depot', point('air', 'air-temperature', 'Cel'))}
${device(4, 'boucle', 'rocade', [point('vehicules', 'vehicle-count', '1'), point('vitesse', 'mean-speed', 'km/h')].join('\n'))}
${device(5, 'boucle', 'cachee', point('vehicules', 'vehicle-count', '1'))}
`,
  [],
)

const hour = (n: number, last: number | null, more: Partial<Aggregate> = {}): Aggregate => ({
  ...{ start: START + n * HOUR_MS, end: START + (n + 1) * HOUR_MS, count: 60, valid: 60 },
  ...{ min: last, max: last, mean: last, first: last, last },
  ...more,
})

async function rowsOf(
  dataset: Dataset,
  more: Partial<Sources> = {},
  registry: Registry = territory,
  remarks: Record<string, unknown> = {},
) {
  const context = { registry, sources: sourcesOf(memoryFigures(), more), now: NOW }
  const rows: string[][] = []
  for await (const chunk of dataset.rows(context, remarks)) rows.push(...chunk.map(row => [...row]))
  for (const row of rows) expect(row).toHaveLength(dataset.schema.fields.length)
  return rows
}

const readings = (hours: readonly Aggregate[]): Pick<Sources, 'readings'> => ({
  readings: {
    aggregate: async () => [...hours],
    series: async (points = []) => points.map(name => ({ point: name, first: START + 1000, last: NOW })),
  },
})

it('stations are those that may be published, with what they measure of the weather', async () => {
  expect(await rowsOf(ROAD_STATIONS)).toEqual([
    ['col', 'col', 'N 7', '42218', '3.1', '48.5', 'air-temperature|surface-condition|wind-direction', ''],
    ['pont', 'pont', 'D 41 PR 3+0', '42218', '3.1', '48.5', 'surface-temperature', ''],
  ])
  expect(ROAD_STATIONS.subjects({ registry: territory } as never)).toEqual(new Set(['col', 'pont']))
})

it('the weather of an hour is that of hours that are over, and empty where nothing valid was said', async () => {
  // Of the direction of the wind there is no mean.
  const hours = [hour(3, -1.23456, { min: -2, max: 0.5 }), hour(3.5, null), hour(4, 7)]
  expect(await rowsOf(ROAD_WEATHER, readings(hours.with(1, hour(2, null, { valid: 0 }))))).toEqual([
    ...['col meteo.air air-temperature', 'pont meteo.surface surface-temperature'].flatMap(named => [
      [
        ...named.split(' '),
        '2026-11-22T06:00:00Z',
        '2026-11-22T07:00:00Z',
        '-2',
        '-1.235',
        '0.5',
        'C',
        '60',
        '',
      ],
      [...named.split(' '), '2026-11-22T05:00:00Z', '2026-11-22T06:00:00Z', '', '', '', 'C', '0', ''],
    ]),
  ])
})

const alertOf = (n: number, firedAt: string, more: Partial<Alert> = {}) => ({
  alert: frostAlert('resolved', {
    ...{ id: `gel-${n}`, site: 'pont', phenomenon: 'ice', severity: 'critical' },
    firedAt: Date.parse(firedAt),
    ...more,
  }),
  acknowledged: { time: 0, actor: 'Jean' },
})

it('alerts are counted by month, commune, class, kind and severity, and nothing else of them is told', async () => {
  const lives = [
    // In Paris, it is November already.
    alertOf(1, '2026-09-30T22:30:00Z'),
    alertOf(2, '2026-10-02T03:00:00Z'),
    alertOf(3, '2026-10-02T03:00:00Z', { severity: 'warning' }),
    alertOf(4, '2026-10-02T03:00:00Z', { site: 'depot' }),
    alertOf(5, '2026-11-02T03:00:00Z'),
    alertOf(6, '2026-09-02T03:00:00Z', { phenomenon: undefined, site: 'col' } as never),
  ]
  expect(await rowsOf(ROAD_ALERTS, { records: { alertLives: () => lives } })).toEqual([
    ['2026-09-01', '42218', 'nationale', 'autre', 'critical', '1', ''],
    ['2026-10-01', '42218', 'departementale', 'ice', 'critical', '2', ''],
    ['2026-10-01', '42218', 'departementale', 'ice', 'warning', '1', ''],
  ])
})

it.each([
  ['D 907 PR 31+850', 'departementale'],
  ['RD41', 'departementale'],
  ['RN 7', 'nationale'],
  ['A6', 'autoroute'],
  ['M 6', 'metropolitaine'],
  ['Rue de la République', 'autre'],
  [undefined, 'autre'],
])('%s is of the class %s', (road, expected) => {
  expect(roadClass({ road })).toBe(expected)
})

it('counts are in the national schema: sites, channels and measures that name each other', async () => {
  expect(TRAFFIC_SITES.schema.fields.map(({ name }) => name)).toEqual(
    'site_id parent_site_id site_name fr_insee_code xlong ylat external_ids infrastructure_type revision'.split(
      ' ',
    ),
  )
  expect(await rowsOf(TRAFFIC_SITES)).toEqual([
    ['rocade', '', 'rocade', '42218', '3.1000', '48.5000', '', 'HIGHWAY', ''],
  ])
  const hours = [hour(0, 100), hour(1, 140, { min: 101 }), hour(2, 140), hour(3, 200), hour(4, 220)]
  const channel = 'rocade/boucle/vehicules'
  const [described, ...others] = await rowsOf(TRAFFIC_CHANNELS, readings(hours))
  expect(others).toEqual([])
  const named = Object.fromEntries(TRAFFIC_CHANNELS.schema.fields.map(({ name }, i) => [name, described![i]]))
  expect(named).toMatchObject({
    ...{ channel_id: channel, site_id: 'rocade', mobility_type: 'UNDEFINED', temporality: 'PERMANENT' },
    ...{ started_at: '2026-11-22T03:00:00Z', time_step: '3600', data_provider_name: 'Test' },
  })
  // The hour that runs is not told.
  expect(await rowsOf(TRAFFIC_MEASURES, readings(hours))).toEqual(
    [
      ['04', '05', '40'],
      ['05', '06', '0'],
      ['06', '07', '60'],
    ].map(([from, to, count]) => [
      ...[channel, 'rocade/boucle', `2026-11-22T${from}:00:00Z`, `2026-11-22T${to}:00:00Z`, count!, ''],
    ]),
  )
})

/** After channel/schema.json of etalab/schema-comptage-mobilites 0.2.3, at 4616309d (Licence Ouverte 2.0). */
const NATIONAL_CHANNEL = {
  columns:
    'channel_id channel_provider_id site_provider_id site_id mobility_type comment counter_transmission_type ' +
    'publication_transmission_type counter_type direction provider_direction_code provider_direction_name ' +
    'data_provider_name temporality started_at ended_at last_updated_at time_step provider_portal_url',
  required: ['channel_id', 'site_id', 'temporality', 'started_at'],
}

it('channels have the columns of the national schema, and what it requires, also where one has not counted yet', async () => {
  const { fields } = TRAFFIC_CHANNELS.schema
  expect(fields.map(({ name }) => name)).toEqual([...NATIONAL_CHANNEL.columns.split(' '), 'revision'])
  const required = fields.filter(({ constraints }) => constraints?.required).map(({ name }) => name)
  expect(required).toEqual([...NATIONAL_CHANNEL.required, 'revision'])
  expect(await rowsOf(TRAFFIC_CHANNELS)).toEqual([])
})

it('a count that is not known is empty: never 0, and never what an outage or a new counter makes of it', () => {
  const counts = (...hours: Aggregate[]) =>
    hourlyCounts(hours, 60_000, START + 10 * HOUR_MS).map(({ count }) => count)
  expect(counts()).toEqual([])
  expect(counts(hour(0, 10))).toEqual([])
  // An hour without a reading, and one that was heard in part only: neither it nor the next is known.
  expect(counts(hour(0, 10), hour(2, 30), hour(3, 40))).toEqual([undefined, undefined, 10])
  expect(counts(hour(0, 10), hour(1, 20, { valid: 30 }), hour(2, 30))).toEqual([undefined, undefined])
  // A counter that began anew.
  expect(counts(hour(0, 10), hour(1, 5), hour(2, 9))).toEqual([undefined, 4])
  expect(counts(hour(0, 10), hour(1, 25, { min: 2 }))).toEqual([undefined])
})

const MINUTE_MS = 60_000
/** Minutes from {@link START} on, by what the counter showed at the end of each; null where nothing valid was said. */
const minutes = (...lasts: (number | null)[]): Aggregate[] =>
  lasts.map((last, n) => ({
    ...{ start: START + n * MINUTE_MS, end: START + (n + 1) * MINUTE_MS, count: 1 },
    ...{ valid: Number(last !== null), min: last, max: last, mean: last, first: last, last },
  }))
const steady = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

it('counts by six minutes are of the last month, of what is read as often, up to the last that are over', async () => {
  const asked: number[] = []
  const aggregate: Sources['readings']['aggregate'] = async (_, __, from) => {
    asked.push(from)
    return minutes(...steady(100, 271))
  }
  const rows = await rowsOf(TRAFFIC_SIX_MINUTES, { readings: { ...readings([]).readings, aggregate } })
  expect(rows[0]).toEqual([
    ...['rocade/boucle/vehicules', 'rocade/boucle', '2026-11-22T03:06:00Z', '2026-11-22T03:12:00Z', '6', ''],
  ])
  expect(rows.at(-1)!.slice(2, 5)).toEqual(['2026-11-22T07:24:00Z', '2026-11-22T07:30:00Z', '6'])
  expect(asked).toEqual([Date.UTC(2026, 9, 22) - 6 * MINUTE_MS])
  expect(TRAFFIC_SIX_MINUTES.schema.fields.map(({ name }) => name)).toEqual(
    TRAFFIC_MEASURES.schema.fields.map(({ name }) => name),
  )
})

it('a count of six minutes is unknown where its beginning or its end is, or the index fell', () => {
  const counts = (interval: number, ...lasts: (number | null)[]) =>
    sixMinuteCounts(minutes(...lasts), interval, START + 10 * HOUR_MS).map(({ count }) => count)
  expect(counts(MINUTE_MS)).toEqual([])
  const silent = [...steady(0, 6), ...steady(6, 5), null, ...steady(12, 6), ...steady(18, 6)]
  expect(counts(MINUTE_MS, ...silent)).toEqual([undefined, undefined, 6])
  // Read every two minutes, the minute before the last one will do.
  expect(counts(2 * MINUTE_MS, ...silent)).toEqual([5, 7, 6])
  expect(counts(MINUTE_MS, ...steady(90, 12), ...steady(0, 12)), 'a new counter').toEqual([6, undefined, 6])
  expect(counts(MINUTE_MS, ...steady(0, 8), 1, ...steady(9, 3)), 'an index that fell and rose').toEqual([
    undefined,
  ])
  const still = Array.from({ length: 12 }, () => 7)
  expect(counts(MINUTE_MS, ...still)).toEqual([0])
})

it('the last complete day is over in local time, and something is told of it', async () => {
  // Of the 22nd there are hours, of the 21st nothing is known, and of the 20th one hour is.
  const hours = [-54, -53, -52, -20, 0, 1].map(n =>
    hour(n, 100 + n, n === -20 ? { valid: 0, last: null } : {}),
  )
  const lives = [alertOf(1, '2026-08-02T03:00:00Z')]
  const { timeZone } = territory.territory
  const lastDay = async (dataset: Dataset, time: number) => {
    const rows = await rowsOf(dataset, { ...readings(hours), records: { alertLives: () => lives } })
    const days = followDays(dataset, timeZone)
    for (const row of rows) days.add(row)
    return lastCompleteDay(dataset, [{ lastKnown: days.lastKnown() }, {}], time, timeZone)
  }
  for (const dataset of [ROAD_WEATHER, TRAFFIC_MEASURES]) {
    expect(await lastDay(dataset, NOW)).toBe('2026-11-20')
    // Looked at again when the 22nd is over.
    expect(await lastDay(dataset, Date.parse('2026-11-22T23:00:00Z'))).toBe('2026-11-22')
  }
  // A month without a row is one without an alert; in Paris, December has begun.
  expect(await lastDay(ROAD_ALERTS, NOW)).toBe('2026-10-31')
  expect(await lastDay(ROAD_ALERTS, Date.parse('2026-11-30T23:00:00Z'))).toBe('2026-11-30')
  expect(await lastDay(ROAD_STATIONS, NOW)).toBeUndefined()
  const [row] = await rowsOf(ROAD_ALERTS, { records: { alertLives: () => lives } })
  expect(ROAD_ALERTS.period!.of(row!)).toEqual({ start: '2026-08-01', end: '2026-09-01' })
})

it('the quality report says of each sensor and channel how much is known, and its gaps, also up to now', async () => {
  const remarksOf = async (dataset: Dataset, hours: Aggregate[]) => {
    const remarks: Record<string, unknown> = {}
    await rowsOf(dataset, readings(hours), territory, remarks)
    return remarks.completeness as object[]
  }
  const at = (clock: string) => `2026-11-22T${clock}:00Z`
  const gap = (from: string, to: string) => ({ from: at(from), to: at(to) })
  const hours = [hour(0, 1, { valid: 30 }), hour(1, null, { valid: 0 }), hour(2, 3)]
  const weather = await remarksOf(ROAD_WEATHER, hours)
  expect(weather.map(entry => 'station' in entry && entry.station)).toEqual(['col', 'pont'])
  expect(weather[0]).toEqual({
    ...{ station: 'col', sensor: 'meteo.air', quantity: 'air-temperature', ...gap('03:00', '07:00') },
    ...{ steps: 4, known: 2, share: 0.375 },
    gaps: { listed: [gap('06:00', '07:00'), gap('04:00', '05:00')], leftOut: 0 },
  })
  expect(await remarksOf(ROAD_WEATHER, [])).toMatchObject(
    ['col', 'pont'].map(station => ({ station, from: null, to: null, steps: 0, gaps: { listed: [] } })),
  )
  const counted = [hour(0, 10), hour(1, 20), hour(2, 30), hour(3, 25)]
  expect(await remarksOf(TRAFFIC_MEASURES, counted)).toEqual([
    {
      ...{ channel: 'rocade/boucle/vehicules', ...gap('04:00', '07:00'), steps: 3, known: 2, share: 0.6666 },
      gaps: { listed: [gap('06:00', '07:00')], leftOut: 0 },
    },
  ])
  const silent = minutes(...steady(0, 13), ...Array.from({ length: 12 }, () => null), ...steady(25, 5))
  expect(await remarksOf(TRAFFIC_SIX_MINUTES, silent)).toMatchObject([
    { ...gap('03:06', '07:30'), steps: 44, known: 1, gaps: { listed: [gap('03:12', '07:30')] } },
  ])
})
