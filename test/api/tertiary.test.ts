import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween } from '../../model/calendar.ts'
import { csvForm } from '../../model/csv.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { type Hub, type Json, readJson, startHub } from './hub.ts'

const [FROM, TO] = [Date.parse('2024-12-31T23:00:00Z'), Date.parse('2025-12-31T23:00:00Z')]

const tertiary: NonNullable<Site['tertiary']> = {
  case: '1a',
  perimeter: 'own',
  referenceYear: 2019,
  activities: [
    { name: 'Enseignement', floorArea: 4000 },
    { name: 'Restauration; cuisine', floorArea: 1000 },
  ],
  declarant: '12345678900012',
  buildings: ['ABCD1234EFGH'],
  station: '42005001',
  vehicleCharging: [{ year: 2025, amount: 375 }],
}

let plain: Hub
let hub: Hub
let answer: Json
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: declared(plain.registry) })
  const figures = periodsBetween('day', FROM, TO, 'Europe/Paris').map(({ start, end }) => ({
    start,
    end,
    amount: 10_000,
    coveredMs: end - start,
    readings: 144,
  }))
  await hub.figures.replace('college-elec', 'day', FROM, TO, figures)
  answer = await readJson(await asTester('/v1/energy/tertiary'))
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

const asTester = (path: string) => hub.get(path, { authorization: `Bearer ${hub.token}` })

function declared(registry: Registry): Registry {
  const college: Site = {
    ...registry.sites.get('college')!,
    tertiary,
    yearly: [
      { year: 2019, energy: 'electricite', amount: 30_000 },
      { year: 2019, energy: 'gaz', amount: 20_000 },
      { year: 2025, energy: 'gaz', amount: 10_000 },
    ],
  }
  const annexe: Site = { ...registry.sites.get('gymnase')!, id: 'annexe', floorArea: 900 }
  return { ...registry, sites: new Map([...registry.sites, ['college', college], ['annexe', annexe]]) }
}

it('is not for everybody', async () => {
  expect((await hub.get('/v1/energy/tertiary')).status).toBe(401)
  expect((await hub.get('/v1/energy/tertiary.csv')).status).toBe(401)
})

it('tells the last year that is over: meters and invoices, as bought and in kWh PCI', () => {
  expect(answer).toMatchObject({
    year: 2025,
    official: false,
    factors: { name: expect.stringContaining('10 avril 2020') },
  })
  // Three quarters of 365 days of 100 kWh, of which 375 kWh charged vehicles.
  expect(answer.sites[0]).toMatchObject({
    site: 'college',
    floorArea: 5000,
    energies: [
      { energy: 'gaz', unitLabel: 'kWh PCS', amount: 10_000, source: 'stated', finalEnergy: 9000 },
      { energy: 'electricite', amount: 27_375, source: 'meters', coverage: 1, finalEnergy: 27_375 },
    ],
    vehicleCharging: 375,
    finalEnergy: 36_000,
    perSquareMetre: 7.2,
    kgCO2e: 27_000 * 0.064 + 9000 * 0.227,
    missing: { declaration: [], year: [], reference: [] },
  })
})

it('says where the site stands between its reference and its targets', () => {
  const [site] = answer.sites
  expect(site.reference).toMatchObject({ year: 2019, finalEnergy: 48_000, perSquareMetre: 9.6 })
  expect(
    site.targets.map((target: Json) => [target.year, target.finalEnergy, target.perSquareMetre]),
  ).toEqual([
    [2030, 28_800, 5.76],
    [2040, 24_000, 4.8],
    [2050, 19_200, 3.84],
  ])
  // Six years of eleven towards -40 %.
  expect(site.path).toBeCloseTo(48_000 * (1 - (0.4 * 6) / 11), 6)
  expect(site).toMatchObject({ change: -0.25, onPath: true })
  expect(answer.total).toMatchObject({
    finalEnergy: 36_000,
    reference: 48_000,
    change: -0.25,
    incomplete: [],
  })
  expect(answer.total.path).toBe(site.path)
})

it('tells of one site alone, also of one that does not come under it', async () => {
  const alone = await readJson(await asTester('/v1/energy/tertiary?site=college'))
  expect(alone).toMatchObject({ sites: answer.sites, total: answer.total, unassessed: [] })
  const other = await readJson(await asTester('/v1/energy/tertiary?site=gymnase'))
  expect(other).toMatchObject({ sites: [], unassessed: [{ site: 'gymnase' }] })
  expect((await asTester('/v1/energy/tertiary?site=nulle-part')).status).toBe(400)
})

it('names the other buildings that may come under it, but not small ones', () => {
  expect(answer.unassessed).toEqual([{ site: 'gymnase', floorArea: null }])
})

it('a year without figures has no total, and says of what', async () => {
  const before = await readJson(await asTester('/v1/energy/tertiary?year=2024'))
  expect(before.sites[0]).toMatchObject({
    finalEnergy: null,
    change: null,
    onPath: null,
    missing: { year: [{ what: 'no-consumption', energy: 'electricite' }] },
  })
  expect(before.total).toMatchObject({ finalEnergy: null, reference: 48_000, incomplete: ['college'] })
})

it('a year that is not over is refused', async () => {
  const response = await asTester('/v1/energy/tertiary?year=2026')
  expect(response.status).toBe(400)
  expect((await readJson(response)).errors[0].detail).toContain('2025 is the last one')
})

it('the declaration has a row for each energy and one of the whole', async () => {
  const response = await asTester('/v1/energy/tertiary.csv?year=2025')
  expect(response.headers.get('content-type')).toContain('text/csv')
  const file = Buffer.from(await response.arrayBuffer())
  expect(csvForm(file)).toEqual({ encoding: 'utf-8', delimiter: ';' })
  const [head, ...lines] = file.toString('utf8').slice(1).trim().split('\r\n')
  const names = head!.split(';')
  // The one cell with a separator in it is quoted.
  const rows = lines.map(line =>
    line.replace('"Enseignement: 4000, Restauration; cuisine: 1000"', 'x').split(';'),
  )
  const cells = (row: string[]) => Object.fromEntries(row.map((text, i) => [names[i], text]))
  expect(rows.map(row => row.length)).toEqual([names.length, names.length, names.length])
  expect(cells(rows[0]!)).toMatchObject({
    annee: '2025',
    declarant: '12345678900012',
    cas: '1a',
    perimetre: 'propre',
    energie: 'gaz',
    unite_achat: 'kWh PCS',
    quantite_achat: '10000',
    origine: 'factures',
    kwh_pci: '9000',
  })
  expect(cells(rows[1]!)).toMatchObject({
    energie: 'electricite',
    points_de_livraison: '98765432109876',
    origine: 'compteurs',
    couverture: '1',
  })
  expect(cells(rows[2]!)).toMatchObject({
    energie: 'total',
    quantite_achat: '',
    kwh_pci: '36000',
    kwh_recharge_vehicules: '375',
    kwh_pci_reference: '48000',
    kwh_pci_2030: '28800',
    manque: '',
  })
})

it('what the declaration lacks stands in it', async () => {
  const bare = declared(plain.registry)
  const { declarant: _, station: __, ...rest } = tertiary
  const college: Site = {
    ...bare.sites.get('college')!,
    tertiary: { ...rest, buildings: [], referenceYear: 2018 },
    yearly: [],
  }
  const other = await startHub({
    registry: { ...bare, sites: new Map([...bare.sites, ['college', college]]) },
  })
  const headers = { authorization: `Bearer ${other.token}` }
  const { sites } = await readJson(await other.get('/v1/energy/tertiary', headers))
  const file = await (await other.get('/v1/energy/tertiary.csv', headers)).text()
  await other.close()
  expect(sites[0].missing.declaration).toEqual(['no-declarant', 'no-buildings', 'no-station'])
  expect(sites[0].targets[0]).toMatchObject({ finalEnergy: null, perSquareMetre: null })
  expect(file.trim()).toMatch(
    /no-declarant, no-buildings, no-station, no-consumption:electricite, reference:no-consumption:electricite$/,
  )
})

it('tells the emissions of a heating network by the factor of the registry, and where that is from', async () => {
  const declaredSites = declared(plain.registry)
  const heated: Site = {
    ...declaredSites.sites.get('college')!,
    yearly: [{ year: 2025, energy: 'chaleur', amount: 1000 }],
  }
  const source = 'Réseau du centre, 2024'
  const networked = await startHub({
    registry: {
      ...declaredSites,
      meters: new Map(),
      sites: new Map([['college', heated]]),
      territory: {
        ...declaredSites.territory,
        emissionFactors: [{ energy: 'chaleur', kgCO2e: 0.1, source }],
      },
    },
  })
  const asked = { authorization: `Bearer ${networked.token}` }
  const { sites } = await readJson(await networked.get('/v1/energy/tertiary?year=2025', asked))
  expect(sites[0].energies).toMatchObject([
    { energy: 'chaleur', finalEnergy: 770, kgCO2e: 77, emissionSource: source },
  ])
  const file = await (await networked.get('/v1/energy/tertiary.csv?year=2025', asked)).text()
  const [, line, total] = file.split('\r\n')
  expect(line).toContain(`; ${source}`)
  expect(total).not.toContain(source)
  await networked.close()
})
