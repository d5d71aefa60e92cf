import { expect, it } from 'vitest'
import { localDate, periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { openClimate } from '../../publication/climate.ts'
import type { Row, Sources } from '../../publication/dataset.ts'
import { SCHEMAS } from '../../publication/datasets.ts'
import { FLUIDS } from '../../publication/fluids.ts'
import type { Registry } from '../../registry/registry.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const ZONE = 'Europe/Paris'
const at = (date: string) => startOfLocalDate(date, ZONE)
/** Twelve means that are easy to count with. */
const REFERENCE = {
  source: 'Bourges, 2001 to 2020',
  heating: [400, 350, 300, 200, 100, 40, 20, 20, 60, 200, 300, 400],
}
const CLIMATE = { point: 'mairie/air/temperature', threshold: 18, reference: REFERENCE }

function territory(meters: Parameters<typeof registry>[1], climate: object | null = CLIMATE): Registry {
  const made = registry([building('college'), building('home', { openData: false })], meters)
  return { ...made, territory: { ...made.territory, ...(climate && { climate: climate as typeof CLIMATE }) } }
}

/** A station at which each day has 10 degree-days: 4 to 12 °C, both below the threshold. */
function station(missing?: string) {
  const dates = periodsBetween('day', at('2025-01-01'), at('2026-01-01'), ZONE).map(({ start }) =>
    localDate(start, ZONE),
  )
  const days = new Map(
    dates.filter(date => date !== missing).map(date => [date, { min: 4, max: 12 }] as const),
  )
  return { officialStation: async () => ({ post: '18033001', name: 'BOURGES', days }) }
}

/** Each meter counts so many kWh a day in 2025; `silent` says nothing on one day. */
async function rowsOf(
  id: string,
  of: Registry,
  amounts: Record<string, number>,
  more: Partial<Sources> & { silent?: { meter: string; date: string } } = {},
) {
  const { silent, ...sources } = more
  const figures = memoryFigures()
  for (const [meter, amount] of Object.entries(amounts)) {
    const days = periodsBetween('day', at('2025-01-01'), at('2026-01-01'), ZONE)
      .filter(({ start }) => silent?.meter !== meter || localDate(start, ZONE) !== silent.date)
      .map(({ start, end }) => ({ start, end, amount: amount * 10, coveredMs: end - start, readings: 24 }))
    await figures.replace(meter, 'day', 0, at('2026-01-01'), days)
  }
  const dataset = FLUIDS.find(each => each.id === id)!
  const remarks: Record<string, unknown> = {}
  const context = {
    registry: of,
    now: at('2026-01-02'),
    sources: sourcesOf(figures, { climate: station(), ...sources }),
  }
  const rows = (await Array.fromAsync(dataset.rows(context, remarks))).flat()
  return { rows, remarks: remarks.climateCorrection }
}

const corrected = (rows: readonly Row[]) => rows.map(row => `${row[5]} ${row[7]} ${row[13]}`)
const boiler = meter('boiler', 'college', { heating: true })

it('multiplies what heats by the mean climate over that of the month, and leaves the rest as it is', async () => {
  const of = territory([boiler, meter('light', 'college')])
  const { rows, remarks } = await rowsOf('fluides', of, { boiler: 10, light: 1 })
  // January: 31 days of 10 kWh · 400 / 310 + 31; June has a mean of 40 degree-days.
  expect(corrected(rows).slice(0, 2)).toEqual(['2025-01-01 341 431.0', '2025-02-01 308 378.0'])
  expect(corrected(rows)[5]).toBe('2025-06-01 330 70.0')
  expect(corrected(rows)[6], 'too few degree-days to say anything').toBe('2025-07-01 341 ')
  expect(remarks).toMatchObject({
    station: { official: true, id: '18033001', name: 'BOURGES' },
    thresholds: [{ threshold: 18, reference: REFERENCE.source, periods: expect.any(Array) }],
    missing: { 'few-degree-days': 2 },
  })
  const [year] = (await rowsOf('fluides-annee', of, { boiler: 10, light: 1 })).rows
  // 365 days of 10 kWh · 2390 / 3650, and 365.
  expect(corrected([year!])).toEqual(['2025-01-01 4015 2755.0'])
})

it('says why there is none', async () => {
  const why = async (...given: Parameters<typeof rowsOf> extends [unknown, ...infer Rest] ? Rest : never) => {
    const { rows, remarks } = await rowsOf('fluides-annee', ...given)
    expect(corrected(rows)).toEqual([expect.stringMatching(/^2025-01-01 \S+ $/)])
    return (remarks as { missing: object }).missing
  }
  const of = territory([boiler])
  expect(await why(territory([meter('light', 'college')]), { light: 1 })).toEqual({ 'no-heating': 1 })
  const nowhere = { climate: { officialStation: async () => undefined } }
  expect(await why(territory([boiler], null), { boiler: 1 }, nowhere)).toEqual({ 'no-climate': 1 })
  const unmeasured = territory([boiler], { point: 'mairie/air/temperature', threshold: 18 })
  expect(await why(unmeasured, { boiler: 1 })).toEqual({ 'no-reference': 1 })
  expect(await why(of, { boiler: 1 }, { climate: station('2025-03-01') })).toEqual({ 'no-temperatures': 1 })
  const silent = { meter: 'boiler', date: '2025-03-01' }
  expect(await why(of, { boiler: 1 }, { silent })).toEqual({ 'no-consumption': 1 })
  const shared = {
    ...boiler,
    allocations: [
      { site: 'college', share: 0.7 },
      { site: 'home', share: 0.3 },
    ],
  }
  expect(await why(territory([shared, meter('light', 'college')]), { boiler: 1, light: 1 })).toEqual({
    suppressed: 1,
  })
})

it('tells heating by a meter within the main one', async () => {
  const pump = meter('pump', 'college', { heating: true, within: [{ meter: 'main' }] })
  const { rows } = await rowsOf('fluides', territory([meter('main', 'college'), pump]), {
    main: 11,
    pump: 10,
  })
  expect(corrected(rows)[0]).toBe('2025-01-01 341 431.0')
})

it('takes the own point where there is no station, and names where it stands only if that may be said', async () => {
  const HOUR = 3_600_000
  const aggregate: Sources['readings']['aggregate'] = async (_, __, ___, to) =>
    Array.from({ length: (to - at('2024-12-31')) / HOUR }, (_, n) => {
      const start = at('2024-12-31') + n * HOUR
      return { start, end: start + HOUR, count: 6, valid: 6, min: 4, max: 12, mean: 8, first: 8, last: 8 }
    })
  const own = {
    climate: { officialStation: async () => undefined },
    readings: { ...sourcesOf(memoryFigures()).readings, aggregate },
  }
  const { rows, remarks } = await rowsOf('fluides', territory([boiler]), { boiler: 10 }, own)
  expect(corrected(rows)[0]).toBe('2025-01-01 310 400.0')
  expect(remarks).toMatchObject({ station: { official: false, id: null, name: null } })
})

it('the column is behind the others in a version of the schema that days do not have', () => {
  const versions = FLUIDS.map(({ id, schema }) => [id, schema.id, schema.version, schema.fields.at(-1)!.name])
  expect(versions).toEqual([
    ['fluides', 'fluides', '1.2.0', 'consommation_corrigee_climat'],
    ['fluides-jour', 'fluides', '1.1.0', 'revision'],
    ['fluides-heure', 'fluides-heure', '1.0.0', 'revision'],
    ['fluides-annee', 'fluides', '1.2.0', 'consommation_corrigee_climat'],
  ])
  expect(SCHEMAS.filter(({ id }) => id === 'fluides').map(({ version }) => version)).toEqual(['1.2.0'])
})

it('an hour that runs tells nothing yet, so that who computes it later finds the same', async () => {
  const HOUR = 3_600_000
  const last = Date.UTC(2025, 0, 2, 5)
  const aggregate: Sources['readings']['aggregate'] = async () =>
    Array.from({ length: 60 }, (_, n) => {
      const start = last - (59 - n) * HOUR
      return { start, end: start + HOUR, count: 6, valid: 6, min: 4, max: 12, mean: 8, first: 8, last: 8 }
    })
  const sources = { readings: { aggregate }, climate: { officialStation: async () => undefined } }
  const degreeDays = async (until: number) =>
    (await openClimate(territory([]), sources, until)).of(building('college'), {
      start: at('2025-01-01'),
      end: at('2025-01-02'),
    }).degreeDays
  expect(await degreeDays(last + HOUR / 2)).toBeNull()
  expect(await degreeDays(last + HOUR)).toBe(10)
})
