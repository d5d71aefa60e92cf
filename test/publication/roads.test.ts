import { expect, it } from 'vitest'
import type { Alert } from '../../model/alert.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Dataset, Sources } from '../../publication/dataset.ts'
import { ROAD_ALERTS, ROAD_STATIONS, ROAD_WEATHER, roadClass } from '../../publication/roads.ts'
import { hourlyCounts, TRAFFIC_CHANNELS, TRAFFIC_MEASURES, TRAFFIC_SITES } from '../../publication/traffic.ts'
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
${device(2, 'meteo', 'col', [point('air', 'air-temperature', 'Cel'), point('etat', 'surface-condition', '1', 'string, length: 8'), point('panne', 'fault', '1', 'bool, bit: 0')].join('\n'))}
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

async function rowsOf(dataset: Dataset, more: Partial<Sources> = {}, registry: Registry = territory) {
  const context = { registry, sources: sourcesOf(memoryFigures(), more), now: NOW }
  const rows: string[][] = []
  for await (const chunk of dataset.rows(context)) rows.push(...chunk.map(row => [...row]))
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
    ['col', 'col', 'N 7', '42218', '3.1', '48.5', 'air-temperature|surface-condition', ''],
    ['pont', 'pont', 'D 41 PR 3+0', '42218', '3.1', '48.5', 'surface-temperature', ''],
  ])
  expect(ROAD_STATIONS.subjects({ registry: territory } as never)).toEqual(new Set(['col', 'pont']))
})

it('the weather of an hour is that of hours that are over, and empty where nothing valid was said', async () => {
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

it('alerts are counted by month, commune, class, kind and severity, and nothing else of them is told', async () => {
  const alert = (n: number, firedAt: string, more: Partial<Alert> = {}) => ({
    alert: frostAlert('resolved', {
      ...{ id: `gel-${n}`, site: 'pont', phenomenon: 'ice', severity: 'critical' },
      firedAt: Date.parse(firedAt),
      ...more,
    }),
    acknowledged: { time: 0, actor: 'Jean' },
  })
  const lives = [
    // In Paris, it is November already.
    alert(1, '2026-09-30T22:30:00Z'),
    alert(2, '2026-10-02T03:00:00Z'),
    alert(3, '2026-10-02T03:00:00Z', { severity: 'warning' }),
    alert(4, '2026-10-02T03:00:00Z', { site: 'depot' }),
    alert(5, '2026-11-02T03:00:00Z'),
    alert(6, '2026-09-02T03:00:00Z', { phenomenon: undefined, site: 'col' } as never),
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
