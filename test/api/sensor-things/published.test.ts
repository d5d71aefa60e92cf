import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCatalogueReader } from '../../../api/sensor-things/catalogue-reader.ts'
import { startOfLocalDate } from '../../../model/calendar.ts'
import { DATASETS } from '../../../publication/datasets.ts'
import { publish } from '../../../publication/publish.ts'
import { openPublished } from '../../../publication/published.ts'
import { loadRegistry } from '../../../registry/load.ts'
import type { Point, Registry } from '../../../registry/registry.ts'
import { publicationIn, sourcesOf } from '../../publication/files.ts'
import { type Hub, type Json, NOW, startHub } from '../hub.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ROOT = '/sta/v1.1'
const BASE = `https://hub.example${ROOT}`
const BY_DAY = 'college.electricite.kWh.jour'
const START = startOfLocalDate('2026-09-25', 'Europe/Paris')
const DAYS = 50
/** The day after the last of them. */
const PUBLISHED = Date.parse('2026-11-14T11:00:00Z')

let hub: Hub
let registry: Registry
beforeAll(async () => {
  const path = join(import.meta.dirname, '../territory.yaml')
  registry = withCounter(await loadRegistry(path, { environment: {} }))
  hub = await startHub({ registry })
  // A day is 23 or 25 hours long where the clocks change; the fifth is not known.
  const figures = Array.from({ length: DAYS }, (_, n) => {
    const [start, end] = [dayAfter(n), dayAfter(n + 1)]
    return { start, end, amount: 1000 + n, coveredMs: end - start, readings: 24 }
  })
  const meter = [...registry.meters.values()].find(({ site }) => site === 'college')!
  const known = figures.filter((_, n) => n !== 4)
  await hub.figures.replace(meter.id, 'day', 0, NOW, known)
  await publishWith(registry, PUBLISHED)
})
afterAll(() => hub.close())

function dayAfter(days: number): number {
  return Temporal.PlainDate.from('2026-09-25').add({ days }).toZonedDateTime('Europe/Paris').epochMilliseconds
}

/** Publishes the days of September and later, and three hours of traffic. */
async function publishWith(registry: Registry, now: number): Promise<void> {
  const folder = join(hub.folder, 'publication')
  const hours = Array.from({ length: 4 }, (_, n) => ({
    ...{ start: START + n * HOUR, end: START + (n + 1) * HOUR, count: 60, valid: n === 2 ? 6 : 60 },
    ...{ min: n * 100, max: n * 100 + 90, mean: 0, first: n * 100, last: n * 100 + 90 },
  }))
  const readings = {
    aggregate: async () => hours,
    series: async () => [{ point: 'rocade/boucle/vehicules', first: START, last: START + 4 * HOUR }],
  }
  const context = { registry, now, sources: sourcesOf(hub.figures, { readings }) }
  const published = openPublished(folder)
  await publish({ datasets: DATASETS, context, published, folder, software: '0.0.0' })
}

/** With a traffic counter, and no meter that is shared. */
function withCounter(registry: Registry): Registry {
  const counter = {
    ...{ id: 'rocade', name: 'Rocade', kind: 'traffic-counter' as const, road: 'D 1', openData: true },
    ...{ position: { lat: 45.6, lon: 4.6 }, commune: '42218', tags: [] },
  }
  const point = {
    ...[...registry.points.values()][0]!,
    ...{ id: 'rocade/boucle/vehicules', name: 'vehicules', site: 'rocade', device: 'boucle' },
    ...{ quantityName: 'vehicle-count', interval: 60_000 },
  } as Point
  return {
    ...registry,
    sites: new Map([...registry.sites, [counter.id, counter]]),
    points: new Map([...registry.points, [point.id, point]]),
    meters: new Map(
      [...registry.meters].map(([id, meter]) => {
        const own = meter.allocations.filter(({ site }) => registry.sites.get(site)!.openData)
        return [id, { ...meter, allocations: own.map(each => ({ ...each, share: 1 })) }]
      }),
    ),
  }
}

const at = (time: number) => new Date(time).toISOString()
const ask = (path: string) => hub.json(ROOT + path)
const ids = ({ value }: Json): string[] => value.map((each: Json) => each['@iot.id'])
const results = ({ value }: Json) => value.map((each: Json) => each.result)
const ofDays = (options: string) => ask(`/Datastreams('${BY_DAY}')/Observations?${options}`)

describe('a building', () => {
  it('is a thing as it is published; one that is not has none', async () => {
    expect(ids(await ask('/Things'))).toEqual(['college', 'rocade'])
    const { properties } = await ask("/Things('college')")
    expect(properties).toEqual({
      ...{ kind: 'building', municipalityCode: '42218', use: 'college', rnb: 'ABCD1234EFGH' },
      ...{ address: null, floorArea: 5200, dataset: 'https://hub.example/open-data/batiments' },
      ...{ license: 'https://www.etalab.gouv.fr/licence-ouverte-open-licence', attribution: 'Essai' },
    })
    expect((await ask("/Locations('college')")).location.coordinates).toEqual([4.5, 45.5])
    expect(ids(await ask("/Things('college')/Datastreams"))).toEqual([BY_DAY, BY_DAY.replace('jour', 'mois')])
  })

  it('has a Datastream of each published series', async () => {
    const published = at(PUBLISHED)
    expect(await ask(`/Datastreams('${BY_DAY}')?$expand=ObservedProperty,Sensor`)).toMatchObject({
      name: "Collège d'essai, Consommation d’électricité par jour",
      unitOfMeasurement: {
        ...{ name: 'kilowatt hour', symbol: 'kWh' },
        definition: 'http://www.opengis.net/def/uom/UCUM/0/kW.h',
      },
      phenomenonTime: `${at(START)}/${at(dayAfter(DAYS))}`,
      resultTime: `${published}/${published}`,
      properties: { ucum: 'kW.h', dataset: 'https://hub.example/open-data/fluides-jour' },
      ObservedProperty: { '@iot.id': 'consommation-electricite' },
      Sensor: { '@iot.id': 'college.compteurs' },
    })
  })

  it('has what is published as observations, and nothing of its meters', async () => {
    const first = await ofDays('$top=1')
    expect(first.value[0]).toMatchObject({
      '@iot.id': `${BY_DAY}.${START}`,
      phenomenonTime: `${at(START)}/${at(dayAfter(1))}`,
      ...{ resultTime: at(PUBLISHED), result: 10 },
      resultQuality: { quality: 'mesuree', coverage: 1, estimatedShare: 0, revision: 0 },
    })
    const { rows } = await hub.json('/open-data/fluides-jour/rows')
    const all = await ofDays('$top=999')
    expect(results(all)).toEqual(rows.map((row: Json) => row.consommation))
    expect(all.value[4]).toMatchObject({ result: null, resultQuality: { quality: 'absente', coverage: 0 } })
    expect((await hub.get(`${ROOT}/Observations('${BY_DAY}.${dayAfter(4)}')/result`)).status).toBe(204)
    expect((await ask(`/Observations('${BY_DAY}.${dayAfter(30)}')`)).result).toBe(10.3)
    for (const start of [0, START + 1, 999_999_999_999_999])
      expect((await hub.get(`${ROOT}/Observations('${BY_DAY}.${start}')`)).status).toBe(404)
    expect(JSON.stringify([all, first])).not.toContain('meter')
  })

  it('is asked by time, also where the clocks change', async () => {
    const count = async (filter: string) =>
      (await ofDays(`$top=0&$count=true&$filter=${encodeURIComponent(filter)}`))['@iot.count']
    expect(await count('true')).toBe(DAYS)
    expect(await count(`phenomenonTime ge ${at(START)} and phenomenonTime lt ${at(dayAfter(10))}`)).toBe(10)
    expect(await count(`phenomenonTime lt ${at(dayAfter(10) - 1)}`)).toBe(9)
    // The 25th of October has 25 hours.
    expect(await count(`phenomenonTime eq ${at(dayAfter(30))}/${at(dayAfter(30) + 25 * HOUR)}`)).toBe(1)
    expect(await count(`result ge 10.3 and result le 10.4`)).toBe(11)
    expect(await count("resultQuality/quality eq 'absente'")).toBe(1)
    expect(await count(`resultTime gt ${at(PUBLISHED - 1)}`)).toBe(DAYS)
    expect(results(await ofDays('$orderby=phenomenonTime desc&$top=2'))).toEqual([10.49, 10.48])
    const skipped = await ofDays('$orderby=result desc&$top=1&$skip=1')
    expect(results(skipped)).toEqual([10.48])
    expect(skipped['@iot.nextLink']).toBe(
      `${BASE}/Datastreams('${BY_DAY}')/Observations?$orderby=result%20desc&$top=1&$skip=2`,
    )
  })

  it('is not there any more when it is not published any more', async () => {
    const closed = { ...registry.sites.get('college')!, openData: false }
    const without = { ...registry, sites: new Map([...registry.sites, ['college', closed]]) }
    await publishWith(without, PUBLISHED + DAY)
    const publication = publicationIn(join(hub.folder, 'publication'), without)
    const { readings, clock } = hub
    const { sets } = await createCatalogueReader({ registry: without, readings, publication, clock })()
    await publication.close()
    expect([...sets.Things.keys()]).toEqual(['rocade'])
    expect([...sets.Datastreams.keys()]).toEqual(['rocade.boucle.vehicules.heure'])
  })
})

it('a traffic counter has its published counts', async () => {
  const datastream = "/Datastreams('rocade.boucle.vehicules.heure')"
  expect(await ask(`${datastream}?$expand=Thing`)).toMatchObject({
    observationType: 'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CountObservation',
    Thing: { '@iot.id': 'rocade', properties: { kind: 'traffic-counter', municipalityCode: '42218' } },
  })
  const { value } = await ask(`${datastream}/Observations?$select=phenomenonTime,result`)
  const hour = (n: number) => `${at(START + n * HOUR)}/${at(START + (n + 1) * HOUR)}`
  expect(value).toEqual([
    { phenomenonTime: hour(1), result: 100 },
    { phenomenonTime: hour(2), result: null },
    { phenomenonTime: hour(3), result: null },
  ])
})
