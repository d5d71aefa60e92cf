import { expect, test } from 'vitest'
import { gatewayPartOf } from '../../registry/gateway-part.ts'

const territory = { id: 'essai', name: 'Essai' }
const gateway = { id: 'gw', connections: [{ devices: [{ site: 'ecole' }] }] }
const part = (climate?: object) =>
  gatewayPartOf(
    {
      territory: climate ? { ...territory, climate } : territory,
      sites: [{ id: 'ecole' }],
      gateways: [gateway],
    },
    'gw',
    new Map(),
  )

test('the climate stays with the hub: its point may be another gateway’s, and a change of it is none of a gateway’s', () => {
  const with18 = part({ point: 'mairie/sonde/air', threshold: 18 })
  expect(with18?.territory).toEqual(territory)
  expect(with18?.hash).toBe(part()?.hash)
})

test('the site where a gateway stands is among its own, although it reads nothing there', () => {
  const sites = [{ id: 'mairie' }, { id: 'ecole' }, { id: 'gymnase' }]
  const registry = { territory, sites, gateways: [{ ...gateway, site: 'mairie' }] }
  expect(gatewayPartOf(registry, 'gw', new Map())?.sites).toEqual([{ id: 'mairie' }, { id: 'ecole' }])
})

test('nor does a gateway read by the holidays and the factors', () => {
  const holidays = { publicHolidays: 'alsace-moselle', schoolHolidays: [], emissionFactors: [{}] }
  const told = gatewayPartOf(
    { territory: { ...territory, ...holidays }, sites: [{ id: 'ecole' }], gateways: [gateway] },
    'gw',
    new Map(),
  )
  expect(told?.hash).toBe(part()?.hash)
})

test('what is declared of a site stays with the hub: it changes with every invoice', () => {
  const told = gatewayPartOf(
    {
      territory,
      sites: [
        {
          id: 'ecole',
          zones: [],
          people: 300,
          yearly: [{ year: 2024 }],
          tertiary: { case: '1a' },
          opening: { hours: [{ days: [1] }] },
        },
      ],
      gateways: [gateway],
    },
    'gw',
    new Map(),
  )
  expect(told?.sites).toEqual([{ id: 'ecole' }])
  expect(told?.hash).toBe(part()?.hash)
})
