import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Hub, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: watered(plain.registry) })
  await store('college-elec', '2025-11-01', '2026-11-01', 8000)
  await store('college-elec', '2024-11-01', '2025-11-01', 10_000)
  await store('college-elec', '2019-11-01', '2020-11-01', 16_000)
  await store('college-eau', '2025-11-01', '2026-11-01', 600)
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

async function store(meter: string, from: string, to: string, amount: number) {
  const [start, end] = [startOfLocalDate(from, ZONE), startOfLocalDate(to, ZONE)]
  const figures = periodsBetween('day', start, end, ZONE).map(day => ({
    ...day,
    amount,
    coveredMs: day.end - day.start,
    readings: 144,
  }))
  await hub.figures.replace(meter, 'day', start, end, figures)
}

/** Beside its electricity the college counts water, by people who are known. */
function watered(registry: Registry): Registry {
  const meter = registry.meters.get('college-elec')!
  const water = {
    ...meter,
    id: 'college-eau',
    fluid: 'eau' as const,
    unit: 'm3' as const,
    point: undefined,
    allocations: [],
  }
  const college = { ...registry.sites.get('college')!, people: 500 }
  return {
    ...registry,
    sites: new Map([...registry.sites, ['college', college]]),
    meters: new Map([...registry.meters, ['college-eau', water]]),
  }
}

it('the last twelve months that are over stand beside those of a year before and of the reference', async () => {
  const { from, to, referenceYear, fluids } = await hub.json(
    '/v1/energy/comparison?site=college&reference=2019',
  )
  expect([from, to, referenceYear]).toEqual(['2025-10-31T23:00:00.000Z', '2026-10-31T23:00:00.000Z', 2019])
  const electricity = fluids.find(({ fluid }: { fluid: string }) => fluid === 'electricite')
  expect(electricity).toMatchObject({
    now: { start: '2025-11-01T00:00:00+01:00', amount: 21_900, coverage: 1 },
    before: { start: '2024-11-01T00:00:00+01:00', end: '2025-11-01T00:00:00+01:00', amount: 27_375 },
    // A leap year has a day more.
    reference: { start: '2019-11-01T00:00:00+01:00', amount: 43_920 },
    change: 21_900 / 27_375 - 1,
    referenceChange: 21_900 / 43_920 - 1,
    perSquareMetre: 21_900 / 5200,
    primaryPerSquareMetre: (21_900 * 1.9) / 5200,
    litresPerPerson: null,
  })
})

it('water is told by person, and a year without figures has no change', async () => {
  const { referenceYear, fluids } = await hub.json('/v1/energy/comparison?site=college')
  expect(referenceYear).toBeNull()
  expect(fluids.find(({ fluid }: { fluid: string }) => fluid === 'eau')).toMatchObject({
    now: { amount: 2190 },
    before: { amount: null, coverage: 0 },
    reference: null,
    change: null,
    referenceChange: null,
    perSquareMetre: null,
    litresPerPerson: 4380,
  })
})

it('other spans are whole months, and have no figure of a year', async () => {
  const { from, to, fluids } = await hub.json(
    '/v1/energy/comparison?site=college&from=2026-02-10&to=2026-03-02',
  )
  expect([from, to]).toEqual(['2026-01-31T23:00:00.000Z', '2026-03-31T22:00:00.000Z'])
  const electricity = fluids.find(({ fluid }: { fluid: string }) => fluid === 'electricite')
  expect(electricity).toMatchObject({
    now: { amount: 59 * 60 },
    before: { amount: 59 * 75 },
    perSquareMetre: null,
  })
})

it('a site that has no area or people has no figure by them', async () => {
  const { fluids } = await hub.json('/v1/energy/comparison?site=gymnase')
  expect(fluids[0]).toMatchObject({ now: { amount: 7300 }, perSquareMetre: null, litresPerPerson: null })
})
