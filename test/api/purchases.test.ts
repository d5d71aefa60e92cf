import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Purchase } from '../../model/purchase.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { type Hub, type Json, NOW, readJson, startHub } from './hub.ts'

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: withFleet(plain.registry) })
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

const json = async (path: string): Promise<Json> => readJson(await hub.get(path, hub.account))

/** A fleet, whose petrol of 2021 the registry states. */
function withFleet({ sites, ...registry }: Registry): Registry {
  const fleet: Site = {
    ...sites.get('college')!,
    ...{ id: 'parc-auto', name: 'Parc automobile', kind: 'vehicle-fleet', floorArea: undefined },
    yearly: [{ year: 2021, energy: 'gazole', amount: 12_000 }],
  }
  return { ...registry, sites: new Map([['parc-auto', fleet]]), meters: new Map(), points: new Map() }
}

const bought = (more: Partial<Purchase>): Purchase => ({
  ...{ site: 'parc-auto', energy: 'gazole', from: '2025-01-01', to: '2025-01-31', amount: '500' },
  ...{ use: 'own', reference: '', author: 'nadia', source: 'cartes.csv, line 2', ...more },
})

it('is not for everybody, and names a site that there is not', async () => {
  expect((await hub.get('/v1/energy/purchases')).status).toBe(401)
  expect((await hub.get('/v1/energy/purchases?site=nirgends', hub.account)).status).toBe(400)
})

it('the account of a public body holds what was bought, without public transport and what was corrected', async () => {
  hub.purchases.add(
    [
      bought({}),
      bought({ from: '2025-02-01', to: '2025-12-31', amount: '6000', reference: 'cuve' }),
      bought({ energy: 'essence', from: '2025-06-15', to: '2025-06-15', amount: '100.5' }),
      bought({ use: 'public-transport', amount: '90000', reference: 'bus' }),
      bought({ energy: 'gnv', amount: '10' }),
    ],
    NOW,
  )
  hub.purchases.add([bought({ amount: '600', source: 'cartes-2.csv, line 2' })], NOW + 1)

  const { sites, total, factors } = await json('/v1/energy/public-body?year=2025')
  const [fleet] = sites
  expect(fleet.energies).toMatchObject([
    { energy: 'essence', amount: 100.5, unitLabel: 'L', source: 'purchases', finalEnergy: 893.33445 },
    {
      energy: 'gazole',
      amount: 6600,
      unitLabel: 'L',
      source: 'purchases',
      finalEnergy: 66_000,
      kgCO2e: 20_922,
    },
    { energy: 'gnv', amount: 10, unitLabel: 'kg', finalEnergy: 138.889, kgCO2e: null },
  ])
  expect(fleet).toMatchObject({ kind: 'vehicle-fleet', inventory: false, finalEnergy: 67_032.22345 })
  expect(fleet.missing.year).toEqual([{ what: 'no-emission-factor', energy: 'gnv' }])
  expect(total).toMatchObject({ finalEnergy: 67_032.22345, base: 120_000 })
  expect(factors.transportFuels.version).toMatch(/26 April 2017/)
})

it('every row can be seen with its file and line, what became of it, and the months without one', async () => {
  const { purchases, months } = await json('/v1/energy/purchases?year=2025&site=parc-auto')
  expect(
    purchases.map(({ energy, amount, reference, source, counts }: Json) => [
      ...[energy, amount, reference, source, counts],
    ]),
  ).toEqual([
    ['essence', 100.5, '', 'cartes.csv, line 2', true],
    ['gazole', 500, '', 'cartes.csv, line 2', false],
    ['gazole', 600, '', 'cartes-2.csv, line 2', true],
    ['gazole', 90_000, 'bus', 'cartes.csv, line 2', false],
    ['gazole', 6000, 'cuve', 'cartes.csv, line 2', true],
    ['gnv', 10, '', 'cartes.csv, line 2', true],
  ])
  expect(purchases[1]).toMatchObject({
    endedAt: new Date(NOW + 1).toISOString(),
    finalEnergy: 5000,
    kgCO2e: 1585,
  })
  expect(months).toEqual([
    { site: 'parc-auto', energy: 'essence', without: expect.arrayContaining(['2025-01', '2025-12']) },
    { site: 'parc-auto', energy: 'gazole', without: [] },
    { site: 'parc-auto', energy: 'gnv', without: expect.not.arrayContaining(['2025-01']) },
  ])
})

it('what is imported later is in the account of the next who asks', async () => {
  const energies = async () => (await json('/v1/energy/public-body?year=2024')).sites[0].energies
  expect(await energies()).toEqual([])
  hub.purchases.add([bought({ from: '2024-05-01', to: '2024-05-31', amount: '70' })], NOW)
  expect(await energies()).toMatchObject([{ energy: 'gazole', amount: 70 }])
  hub.purchases.add([bought({ from: '2024-06-01', to: '2024-06-30', amount: '30' })], NOW)
  expect(await energies()).toMatchObject([{ energy: 'gazole', amount: 100 }])
})

it('what the registry states of a year stands for what was bought', async () => {
  hub.purchases.add([bought({ from: '2021-05-01', to: '2021-05-31', amount: '1' })], NOW)
  const { sites } = await json('/v1/energy/public-body?year=2025')
  expect(sites[0].base).toBe(120_000)
})
