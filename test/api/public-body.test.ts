import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { type Hub, type Json, readJson, startHub } from './hub.ts'

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: stated(plain.registry) })
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

const json = async (path: string): Promise<Json> =>
  readJson(await hub.get(path, { authorization: `Bearer ${hub.token}` }))

/** Two buildings and a road station with invoices, a small building with none, and a road station without energy. */
function stated({ sites, ...registry }: Registry): Registry {
  const college = sites.get('college')!
  const use = (year: number, amount: number) => ({ year, energy: 'electricite' as const, amount })
  const site = (id: string, more: Partial<Site>): [string, Site] => [
    id,
    { ...college, id, name: id, ...more },
  ]
  return {
    ...registry,
    sites: new Map([
      site('college', { yearly: [use(2021, 100_000), use(2025, 92_400), use(2024, 95_000)] }),
      site('gymnase', { floorArea: 250, yearly: [use(2021, 9000), use(2025, 9000)] }),
      site('eclairage', {
        kind: 'road-station',
        floorArea: undefined,
        yearly: [use(2021, 1000), use(2025, 640)],
      }),
      site('muette', { kind: 'road-station' }),
    ]),
  }
}

it('is not for everybody', async () => {
  expect((await hub.get('/v1/energy/public-body')).status).toBe(401)
  expect((await hub.get('/v1/energy/public-body.csv')).status).toBe(401)
})

it('adds up what all sites use, and holds it against 2021', async () => {
  const { year, sites, total } = await json('/v1/energy/public-body')
  expect(year).toBe(2025)
  expect(sites.map((each: Json) => [each.site, each.inventory, each.finalEnergy, each.base])).toEqual([
    ['college', true, 92_400, 100_000],
    // 250 m² are not above 250 m².
    ['gymnase', false, 9000, 9000],
    ['eclairage', false, 640, 1000],
  ])
  // Four years of 1.9 %.
  expect(total).toMatchObject({
    finalEnergy: 102_040,
    base: 110_000,
    target: 101_640,
    reached: false,
    incomplete: [],
  })
  expect(total.change).toBeCloseTo(102_040 / 110_000 - 1, 12)
})

it('a year that one site lacks has no total', async () => {
  const { sites, total } = await json('/v1/energy/public-body?year=2024')
  expect(sites[0]).toMatchObject({ finalEnergy: 95_000, missing: { area: false, year: [], base: [] } })
  expect(sites[1].missing.year).toEqual([{ what: 'no-consumption', energy: 'electricite' }])
  expect(total).toMatchObject({
    finalEnergy: null,
    change: null,
    reached: null,
    incomplete: ['gymnase', 'eclairage'],
  })
})

it('a building of which the area is not known is named', async () => {
  const bare = await startHub()
  const headers = { authorization: `Bearer ${bare.token}` }
  const { sites } = await readJson(await bare.get('/v1/energy/public-body', headers))
  const file = await (await bare.get('/v1/energy/public-body.csv', headers)).text()
  await bare.close()
  expect(sites[1]).toMatchObject({ site: 'gymnase', inventory: null, missing: { area: true } })
  expect(file).toContain(';no-area, no-consumption:electricite, 2021:no-consumption:electricite;')
})

it('the file has a row for each site', async () => {
  const response = await hub.get('/v1/energy/public-body.csv?year=2025', {
    authorization: `Bearer ${hub.token}`,
  })
  const [head, college, ...rest] = (await response.text()).trim().split('\r\n')
  expect(head!.split(';')).toHaveLength(college!.split(';').length)
  expect(college).toMatch(
    /^2025;college;college;building;42218;ABCD1234EFGH;5200;oui;92400;17.77;100000;;Arrêté du 10 avril 2020/,
  )
  expect(rest).toHaveLength(2)
})
