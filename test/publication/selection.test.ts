import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { periodsBetween } from '../../model/calendar.ts'
import { formatDecimal } from '../../model/decimal.ts'
import { fluidSeries } from '../../publication/fluid-series.ts'
import { selectConsumption } from '../../publication/selection.ts'
import { loadRegistry } from '../../registry/load.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'

const ZONE = 'Europe/Paris'
const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).epochMilliseconds

/** Each meter counts so many steps of 0.1 kWh in every hour from the beginning of October 2026 on, until `now`. */
async function figuresOf(
  amounts: Record<string, number>,
  now: string,
  silent?: { meter: string; until: string },
) {
  const figures = memoryFigures()
  const begin = (id: string) => at(silent?.meter === id ? silent.until : '2026-10-01T00:00')
  for (const [id, amount] of Object.entries(amounts))
    for (const grain of ['hour', 'day'] as const) {
      const all = periodsBetween(grain, begin(id), at(now), ZONE).map(({ start, end }) => ({
        ...{ start, end, coveredMs: end - start, readings: 1 },
        amount: (amount * (end - start)) / 3_600_000,
      }))
      await figures.replace(id, grain, 0, at(now), all)
    }
  return figures
}

/** `building fluid date amount` of each period. */
async function published(
  territory: Registry,
  amounts: Record<string, number>,
  period: 'hour' | 'day' | 'month',
  now: string,
  silent?: { meter: string; until: string },
) {
  const figures = await figuresOf(amounts, now, silent)
  const series = await Array.fromAsync(fluidSeries(territory, figures, period, at(now)))
  return series.flatMap(({ site, fluid, periods }) =>
    periods.map(({ start, amount }) => {
      const time = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(ZONE)
      const written = time.toPlainDateTime().toString()
      return [site.id, fluid, written.slice(0, period === 'hour' ? 13 : 10), amount && formatDecimal(amount)]
        .map(value => value ?? 'unknown')
        .join(' ')
    }),
  )
}

const rules = (territory: Registry) =>
  selectConsumption(territory).suppressions.map(({ reason, ...suppression }) => suppression)

describe('buildings', () => {
  it('of a sensitive use are hidden though they are open data, unless the registry says why not', async () => {
    const sites = [
      building('foyer', { use: 'child-protection' }),
      building('brigade', { use: 'gendarmerie' }),
      building('poste', { use: 'police', openDataDespiteUse: 'Délibération 41 du 12 mars 2026' }),
      building('refuge', { use: 'shelter', openData: false }),
      building('bureaux', { use: 'offices' }),
      building('archives', { openData: false }),
    ]
    const territory = registry(
      sites,
      sites.map(({ id }) => meter(`${id}-elec`, id)),
    )
    const amounts = Object.fromEntries(sites.map(({ id }) => [`${id}-elec`, 10]))
    expect(await published(territory, amounts, 'day', '2026-10-02T00:00')).toEqual([
      'bureaux electricite 2026-10-01 24',
      'poste electricite 2026-10-01 24',
    ])
    expect(rules(territory)).toMatchObject([
      { rule: 'not-open', missing: 'all', count: 1 },
      { rule: 'sensitive-use', missing: 'all', count: 3 },
      { rule: 'hourly-not-chosen', missing: 'hours', count: 2 },
    ])
    expect(JSON.stringify(selectConsumption(territory).suppressions)).not.toMatch(
      /foyer|brigade|refuge|archives/,
    )
  })
})

describe('dwellings', () => {
  const house = (...meters: Meter[]) => registry([building('college')], meters)

  it('are taken off the main meter of their building, and what else is within it stays', async () => {
    const territory = house(
      meter('main', 'college'),
      meter('flat', 'college', { within: [{ meter: 'main' }], dwellings: 2 }),
      meter('workshop', 'college', { within: [{ meter: 'flat' }] }),
    )
    const amounts = { main: 10, flat: 4, workshop: 1 }
    expect(await published(territory, amounts, 'day', '2026-10-02T00:00')).toEqual([
      'college electricite 2026-10-01 16.8',
    ])
    expect(rules(territory)[0]).toEqual({
      ...{ rule: 'dwellings', site: 'college', fluid: 'electricite', missing: 'meters', count: 1 },
    })
  })

  it('hide a figure that is of nothing else', async () => {
    const territory = house(
      meter('flat', 'college', { dwellings: 9 }),
      meter('eau', 'college', { fluid: 'eau' }),
    )
    expect(await published(territory, { flat: 4, eau: 1 }, 'day', '2026-10-02T00:00')).toEqual([
      'college eau 2026-10-01 2.4',
    ])
    expect(rules(territory)[0]).toMatchObject({ rule: 'dwellings', missing: 'all' })
  })

  it('appear in a sum of ten, counted once where one meter is within another', async () => {
    const flats = (served: number) => [
      meter('stairs', 'college', { dwellings: served }),
      meter('flat', 'college', { dwellings: 1, within: [{ meter: 'stairs' }] }),
    ]
    const amounts = { stairs: 10, flat: 1 }
    expect(await published(house(...flats(10)), amounts, 'day', '2026-10-02T00:00')).toEqual([
      'college electricite 2026-10-01 24',
    ])
    expect(await published(house(...flats(9)), amounts, 'day', '2026-10-02T00:00')).toEqual([])
  })

  it('are too few on the dates on which they are, and a month that holds one of these has no row', async () => {
    const territory = house(
      meter('a', 'college', { dwellings: 6 }),
      meter('b', 'college', {
        dwellings: 6,
        allocations: [{ site: 'college', share: 1, from: '2026-10-03' }],
      }),
    )
    expect(await published(territory, { a: 10, b: 5 }, 'day', '2026-10-05T00:00')).toEqual([
      'college electricite 2026-10-03 36',
      'college electricite 2026-10-04 36',
    ])
    expect(
      (await published(territory, { a: 10, b: 5 }, 'month', '2026-12-01T00:00')).map(row => row.slice(0, 30)),
    ).toEqual(['college electricite 2026-11-01'])
    expect(rules(territory)[0]).toMatchObject({
      rule: 'dwellings',
      missing: 'all',
      count: 1,
      to: '2026-10-03',
    })
  })
})

describe('hours', () => {
  const territory = registry(
    [building('college', { openDataHourly: { delayDays: 2 } }), building('depot')],
    [meter('c', 'college'), meter('d', 'depot')],
  )

  it('appear where the registry says so, as late as it says, in whole days', async () => {
    const rows = await published(territory, { c: 10, d: 10 }, 'hour', '2026-10-04T11:30')
    expect(rows.length).toBe(24)
    expect(rows[0]).toBe('college electricite 2026-10-01T00 1')
    expect(rows.at(-1)).toBe('college electricite 2026-10-01T23 1')
    expect(rules(territory)).toMatchObject([
      { rule: 'hourly-not-chosen', count: 1 },
      { rule: 'hourly-delay', site: 'college' },
    ])
  })
})

it('a sum that hides a hidden building is unknown where a meter says nothing: that hour’s day, and that month', async () => {
  const territory = registry(
    [building('college', { openDataHourly: { delayDays: 1 } }), building('home', { openData: false })],
    [
      meter('heat', 'college', {
        allocations: [
          { site: 'college', share: 0.7 },
          { site: 'home', share: 0.3 },
        ],
      }),
      meter('own', 'college'),
    ],
  )
  const rows = (period: 'hour' | 'day' | 'month', now: string, until: string) =>
    published(territory, { heat: 10, own: 5 }, period, now, { meter: 'own', until })
  expect(await rows('day', '2026-10-04T00:00', '2026-10-03T00:00')).toEqual([
    'college electricite 2026-10-03 28.8',
  ])
  expect(await rows('month', '2026-12-01T00:00', '2026-10-03T00:00')).toEqual([
    'college electricite 2026-11-01 864',
  ])
  const hours = await rows('hour', '2026-10-06T00:00', '2026-10-03T12:00')
  expect(hours[0]).toBe('college electricite 2026-10-04T00 1.2')
  expect(hours.length).toBe(24)
})

it('the demonstration has an example of what is hidden by its use, its dwellings and its hours', async () => {
  const demo = await loadRegistry(join(import.meta.dirname, '../../demo'), { environment: {} })
  expect(rules(demo)).toEqual([
    { rule: 'sensitive-use', missing: 'all', count: 1 },
    {
      ...{ rule: 'dwellings', site: 'hotel-du-departement', fluid: 'electricite' },
      ...{ missing: 'meters', count: 1 },
    },
    { rule: 'hourly-not-chosen', missing: 'hours', count: 10 },
    { rule: 'hourly-delay', site: 'mediatheque-departementale', missing: 'hours' },
  ])
})
