import { afterAll, beforeAll, expect, it } from 'vitest'
import { totalOf } from '../../api/energy/energy.ts'
import { hoursNeeded } from '../../energy/degree-days.ts'
import { periodsBetween } from '../../model/calendar.ts'
import type { Reading } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Hub, type Json, reading, startHub } from './hub.ts'

const HOUR = 3_600_000
const POINT = 'college/dehors/temperature'
const [FROM, TO] = [Date.parse('2025-12-31T23:00:00Z'), Date.parse('2026-02-28T23:00:00Z')]

let plain: Hub
let hub: Hub
let answer: Json
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: heated(plain.registry) })
  // It is always 8 °C, and noon of 10 February was not heard.
  const temperatures: Reading[] = []
  const missing = Date.parse('2026-02-10T12:00:00Z')
  for (let time = hoursNeeded('2026-01-01').start; time < hoursNeeded('2026-02-28').end; time += HOUR) {
    if (time !== missing) temperatures.push(reading(POINT, time, 8))
  }
  await hub.store(...temperatures)
  const days = periodsBetween('day', FROM, TO, 'Europe/Paris')
  const figures = days.map(({ start, end }) => ({
    start,
    end,
    amount: 10_000,
    coveredMs: end - start,
    readings: 144,
  }))
  await hub.figures.replace('college-elec', 'day', FROM, TO, figures)
  await storeMay()
  answer = await hub.json('/v1/energy?site=college&from=2026-01-01&to=2026-03-01')
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

/** May 2025 warms from -4 to 26 °C, a degree a day; what was used follows a signature, but for a day without figures. */
async function storeMay() {
  const [from, to] = [Date.parse('2025-04-30T22:00:00Z'), Date.parse('2025-05-31T22:00:00Z')]
  const warmth = (time: number) => -4 + Math.floor((time - from) / (24 * HOUR))
  const temperatures: Reading[] = []
  for (let time = hoursNeeded('2025-05-01').start; time < hoursNeeded('2025-05-31').end; time += HOUR) {
    temperatures.push(reading(POINT, time, warmth(time)))
  }
  await hub.store(...temperatures)
  const figures = periodsBetween('day', from, to, 'Europe/Paris').map(({ start, end }) => {
    const amount = 4000 + 1200 * Math.max(0, 15 - warmth(start))
    return { start, end, amount, coveredMs: end - start, readings: 144 }
  })
  await hub.figures.replace('college-elec', 'day', from, to, figures.toSpliced(20, 1))
}

/** The meter heats, and a station is named. */
function heated(registry: Registry): Registry {
  const reference = { source: 'Essai, 2001 to 2020', heating: [155, ...Array<number>(11).fill(280)] }
  return {
    ...registry,
    territory: { ...registry.territory, climate: { point: POINT, threshold: 18, reference } },
    meters: new Map([...registry.meters].map(([id, meter]) => [id, { ...meter, heating: true }])),
  }
}

it('says which station and threshold the degree-days are of, and that they are not official', () => {
  expect(answer).toMatchObject({
    official: false,
    climate: { point: POINT, station: null, threshold: 18, reference: 'Essai, 2001 to 2020' },
    factors: {
      name: expect.stringContaining('10 avril 2020'),
      version: expect.any(String),
      primaryEnergy: {
        name: expect.stringContaining('31 March 2021'),
        version: expect.stringContaining('2026'),
      },
    },
  })
})

it('a month whose station missed an hour has no degree-days, nor has the whole', () => {
  const [january, february] = answer.degreeDays.months
  expect(january).toMatchObject({
    start: '2026-01-01T00:00:00+01:00',
    heating: 310,
    cooling: 0,
    days: 31,
    known: 31,
  })
  expect(february).toMatchObject({ heating: null, cooling: null, days: 28, known: 27 })
  expect(answer.degreeDays.total).toMatchObject({ heating: null, days: 59, known: 58 })
})

it('heating is corrected where all is known, and says what is missing where not', () => {
  const [{ months, total }] = answer.heating
  // Three quarters of 31 days of 100 kWh, in a month of twice the mean's degree-days.
  expect(months[0]).toMatchObject({ amount: 2325, coverage: 1, corrected: 1162.5, missing: null })
  expect(months[1]).toMatchObject({ amount: 2100, corrected: null, missing: 'no-temperatures' })
  expect(total).toMatchObject({ amount: 4425, corrected: null, missing: 'no-temperatures' })
})

it('a building whose activity has another threshold is told by it, against a mean climate of the same', async () => {
  const heatedHub = heated(plain.registry)
  const college = heatedHub.sites.get('college')!
  const days = [...Array(31).keys()].map((day): [string, { min: number; max: number }] => [
    `2026-01-${String(day + 1).padStart(2, '0')}`,
    { min: 8, max: 8 },
  ])
  const officialStation = async () => ({ post: '45055001', name: 'ORLEANS', days: new Map(days) })
  const asked = '/v1/energy?site=college&from=2026-01-01&to=2026-02-01'
  const told = async (climate: typeof college.climate) => {
    const sites = new Map([...heatedHub.sites, ['college', { ...college, climate }]])
    const own = await startHub({ registry: { ...heatedHub, sites }, officialStation })
    const answer = await own.json(asked)
    await own.close()
    return answer
  }
  const reference = { source: 'Essai à 12 °C', heating: [62, ...Array<number>(11).fill(50)] }
  expect(await told({ threshold: 12, reference })).toMatchObject({
    climate: { threshold: 12, reference: 'Essai à 12 °C' },
    degreeDays: { total: { heating: 124 } },
  })
  // The territory's mean climate is of 18 °C: it says nothing of this building.
  expect(await told({ threshold: 12 })).toMatchObject({ climate: { threshold: 12, reference: null } })
})

it('the signature is that of the days with temperatures and figures', async () => {
  const { heating } = await hub.json('/v1/energy?site=college&from=2025-05-01&to=2025-06-01')
  const { base, slope, ...rest } = heating[0].signature
  expect([base, slope]).toEqual([expect.closeTo(30, 9), expect.closeTo(9, 9)])
  expect(rest).toEqual({
    balance: 15,
    rSquared: expect.closeTo(1, 9),
    cvRmse: expect.closeTo(0, 9),
    days: 30,
    doubts: [],
  })
})

it('a month that misses the figures of a day is not corrected', async () => {
  const { degreeDays, heating } = await hub.json('/v1/energy?site=college&from=2025-05-01&to=2025-06-01')
  expect(degreeDays.months[0].heating).toBeGreaterThan(0)
  expect(heating[0].months[0]).toMatchObject({ corrected: null, missing: 'no-consumption' })
  expect(heating[0].months[0].amount).toBeGreaterThan(0)
  expect(heating[0].total).toMatchObject({ corrected: null, missing: 'no-consumption' })
})

it('energy is exact, final, primary, by area and in kgCO2e', () => {
  const [{ fluid, months, total }] = answer.fluids
  expect(fluid).toBe('electricite')
  expect(months[0]).toMatchObject({
    amount: 2325,
    finalEnergy: 2325,
    primaryEnergy: 4417.5,
    kgCO2e: 148.8,
    perSquareMetre: 2325 / 5200,
  })
  expect(total).toMatchObject({
    amount: 4425,
    coverage: 1,
    finalEnergy: 4425,
    primaryEnergy: 8407.5,
    kgCO2e: 283.2,
  })
})

it('a month without figures has none, and the whole neither', async () => {
  const { fluids, heating } = await hub.json('/v1/energy?site=college&from=2026-02-01&to=2026-04-01')
  expect(fluids[0].months.map(({ amount }: Json) => amount)).toEqual([2100, null])
  expect(fluids[0].total).toMatchObject({
    amount: null,
    finalEnergy: null,
    perSquareMetre: null,
    primaryEnergy: null,
    kgCO2e: null,
  })
  expect(heating[0].total.corrected).toBeNull()
})

it('a territory without a climate has consumption, and no degree-days', async () => {
  const { climate, degreeDays, heating } = await plain.json(
    '/v1/energy?site=college&from=2026-01-01&to=2026-03-01',
  )
  expect([climate, degreeDays, heating]).toEqual([null, null, []])
})

it('a site that is not there is refused', async () => {
  expect((await hub.get('/v1/energy?site=mairie')).status).toBe(400)
  expect((await hub.get('/v1/energy?site=college&by=month')).status).toBe(400)
})

it('months add up exactly', () => {
  const row = (start: number, amount: string) => ({ start, end: start + 1, amount, coverage: 1 })
  expect(totalOf([row(0, '0.1'), row(1, '0.2'), row(2, '90071992547409.93')]).amount).toBe(
    '90071992547410.23',
  )
})

it('counts by an official station where the hub has one, though the territory names a point, and says so', async () => {
  const days = new Map([
    ['2026-01-01', { min: 0, max: 6 }],
    ['2026-01-02', { min: 20, max: 30 }],
  ])
  const officialStation = async () => ({ post: '45055001', name: 'ORLEANS', days })
  const official = await startHub({ registry: heated(plain.registry), officialStation })
  const bare = await startHub({ officialStation })
  const asked = '/v1/energy?site=college&from=2026-01-01&to=2026-02-01'
  const told = await official.json(asked)
  expect(told).toMatchObject({
    official: true,
    climate: { point: null, station: { post: '45055001', name: 'ORLEANS' }, threshold: 18 },
    degreeDays: { total: { heating: null, days: 31, known: 2 } },
  })
  const withoutPoint = await bare.json(asked)
  expect(withoutPoint).toMatchObject({ official: true, climate: { threshold: 18, reference: null } })
  await official.close()
  await bare.close()
})
