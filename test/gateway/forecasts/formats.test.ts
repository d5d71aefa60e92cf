import { expect, test } from 'vitest'
import { readForecasts } from '../../../gateway/forecasts/formats.ts'
import { forecastSourceSchema } from '../../../registry/forecast-schema.ts'

const NOW = Date.parse('2026-12-04T03:10:00Z')
const source = (format: 'affluent' | 'met-norway') =>
  forecastSourceSchema.parse({
    ...{ id: 'meteo', url: 'https://meteo.example/', format, sites: ['col', 'pont'], staleAfter: '6h' },
  })

const OWN = {
  issued: '2026-12-04T04:00:00+01:00',
  sites: {
    col: [
      { time: '2026-12-04T04:00:00Z', 'surface-temperature': -1, 'precipitation-rate': 0.2 },
      { time: '2026-12-04T03:00:00Z', 'surface-temperature': 0.5, 'air-temperature': null },
    ],
    pont: [{ time: '2026-12-04T03:00:00Z', 'dew-point': -2, wind: 3 }],
    elsewhere: [{ time: '2026-12-04T03:00:00Z', 'dew-point': -2 }],
  },
}

test('a document of our own is read for each site, in order', () => {
  const issued = Date.parse('2026-12-04T03:00:00Z')
  expect(readForecasts(source('affluent'), OWN, NOW)).toEqual([
    {
      ...{ source: 'meteo', site: 'col', issued },
      steps: [
        { time: issued, values: { 'surface-temperature': 0.5 } },
        { time: issued + 3_600_000, values: { 'surface-temperature': -1, 'precipitation-rate': 0.2 } },
      ],
    },
    { source: 'meteo', site: 'pont', issued, steps: [{ time: issued, values: { 'dew-point': -2 } }] },
  ])
})

const place = (time: string, temperature: number, more: object = {}) => ({
  time,
  data: {
    instant: { details: { air_temperature: temperature, wind_speed: 3, dew_point_temperature: -4 } },
    ...more,
  },
})
const metNorway = (...timeseries: object[]) => ({
  type: 'Feature',
  properties: { meta: { updated_at: '2026-12-04T02:30:00Z', units: {} }, timeseries },
})

test('locationforecast is read for every site of its source, two days ahead', () => {
  const rain = {
    next_1_hours: { summary: { symbol_code: 'rain' }, details: { precipitation_amount: 0.4 } },
    next_6_hours: { details: { precipitation_amount: 2 } },
  }
  const document = metNorway(
    place('2026-12-04T03:00:00Z', -1, rain),
    place('2026-12-05T03:00:00Z', -2),
    place('2026-12-08T00:00:00Z', 5),
  )
  const [col, pont] = readForecasts(source('met-norway'), document, NOW)
  expect(col!.issued).toBe(Date.parse('2026-12-04T02:30:00Z'))
  expect(col!.steps).toEqual([
    {
      time: Date.parse('2026-12-04T03:00:00Z'),
      values: { 'air-temperature': -1, 'dew-point': -4, 'precipitation-rate': 0.4 },
    },
    { time: Date.parse('2026-12-05T03:00:00Z'), values: { 'air-temperature': -2, 'dew-point': -4 } },
  ])
  expect(pont).toEqual({ ...col, site: 'pont' })
})

test.each<[string, 'affluent' | 'met-norway', unknown, RegExp]>([
  ['no issue time', 'affluent', { ...OWN, issued: undefined }, /wrong at issued/],
  ['an issue time without an offset', 'affluent', { ...OWN, issued: '2026-12-04T03:00:00' }, /at issued/],
  ['an issue ahead', 'affluent', { ...OWN, issued: '2026-12-04T03:12:00Z' }, /issued ahead/],
  ['a site that is missing', 'affluent', { ...OWN, sites: { col: OWN.sites.col } }, /nothing for pont/],
  [
    'a temperature in kelvin',
    'affluent',
    { ...OWN, sites: { ...OWN.sites, pont: [{ time: '2026-12-04T03:00:00Z', 'dew-point': 271 }] } },
    /wrong at sites\.pont\[0\]\.dew-point/,
  ],
  [
    'a site without a value',
    'affluent',
    { ...OWN, sites: { ...OWN.sites, pont: [{ time: '2026-12-04T03:00:00Z' }] } },
    /no value for pont/,
  ],
  [
    'one time twice',
    'affluent',
    { ...OWN, sites: { ...OWN.sites, pont: [OWN.sites.pont[0], OWN.sites.pont[0]] } },
    /one time twice for pont/,
  ],
  ['another document', 'met-norway', OWN, /wrong at properties/],
  [
    'a temperature that is a text',
    'met-norway',
    metNorway({ time: '2026-12-04T03:00:00Z', data: { instant: { details: { air_temperature: '3' } } } }),
    /wrong at properties\.timeseries\[0\]\.data\.instant\.details\.air_temperature/,
  ],
])('%s is refused, with its place', (_, format, document, reason) => {
  expect(() => readForecasts(source(format), document, NOW)).toThrow(reason)
})
