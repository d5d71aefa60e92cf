import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recompute } from '../../fluids/recompute.ts'
import { toColumns } from '../../model/reading.ts'
import type { CatalogueRequest } from '../../publication/catalogue.ts'
import { DATASETS } from '../../publication/datasets.ts'
import { WORK_FOLDER } from '../../publication/objects.ts'
import { createPublication, type Publication } from '../../publication/publication.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { createQueries } from '../../publication/query/queries.ts'
import type { ReadMeter } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { memoryFigures, memoryReadings } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const ZONE = 'Europe/Paris'
const BASE = 'https://donnees.brenne.example'
const HEADER =
  'id_batiment,id_rnb,nom_batiment,code_commune,fluide,debut,fin,consommation,unite,couverture,part_estimee,qualite,revision'

const electricity = meter('elec', 'college-a')
const heat = meter('chaleur', 'chaufferie', {
  fluid: 'chaleur',
  unit: 'MW.h',
  resolution: 0.001,
  stepsPerUnit: 1000,
  allocations: [
    { site: 'college-a', share: 0.75 },
    { site: 'depot', share: 0.25, from: '2026-10-25', to: '2026-10-27' },
    // What nobody has would be hidden, and with it the share of the college.
    { site: 'tunnel', share: 0.25, to: '2026-10-25' },
    { site: 'tunnel', share: 0.25, from: '2026-10-27' },
  ],
})
const territory = registry(
  [
    building('depot', { name: 'Dépôt' }),
    building('college-a', { name: 'Collège "Jean Moulin", Bourges', rnb: 'ABCD1234EFGH' }),
    building('tunnel', { kind: 'street-lighting' }),
    building('foyer', { openData: false }),
    building('chaufferie', { openData: false }),
    building('station', { kind: 'road-station' }),
  ],
  [
    electricity,
    heat,
    meter('secret', 'foyer'),
    meter('silent', 'depot', { fluid: 'eau', unit: 'm3' }),
    meter('road', 'station'),
  ],
  ZONE,
)

const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).epochMilliseconds

/** An index every ten minutes over [from, to], one step each time, continuing from `first`. */
function steady(from: string, to: string, first: number) {
  const count = (at(to) - at(from)) / 600_000
  return Array.from({ length: count + 1 }, (_, n) => ({ time: at(from) + n * 600_000, steps: first + n }))
}

async function fill(figures: FigureStore, target: ReadMeter, indexes: { time: number; steps: number }[]) {
  const readings = memoryReadings(ZONE)
  const entries = indexes.map(({ time, steps }) => ({
    point: target.point.id,
    time,
    value: steps / target.stepsPerUnit,
    quality: 'good' as const,
    gatewayTime: time,
  }))
  await readings.write(toColumns(entries), [])
  const change = { start: indexes[0]!.time, end: indexes.at(-1)!.time }
  const statements = openStatementStore({ file: ':memory:' })
  await recompute({ readings, figures, statements, timeZone: ZONE }, target, change)
}

const figures = memoryFigures()
const queries = createQueries()
const folders: string[] = []

/** Publishes everything as it is at a time, into a folder that may hold earlier versions. */
async function publishAt(
  now: string,
  { of = territory, from = figures, folder = mkdtempSync(join(tmpdir(), 'affluent-publication-')) } = {},
) {
  folders.push(folder)
  const published = openPublished(folder)
  const context = { registry: of, now: at(now), sources: sourcesOf(from) }
  const outcomes = await publish({ datasets: DATASETS, context, published, folder, software: '0.0.0' })
  const publication = createPublication({
    ...{ registry: of, published, folder, queries },
    baseUrl: () => BASE,
    dueAt: () => undefined,
  })
  /** What a file of the newest version holds. */
  function read(name: string, dataset = name.slice(0, name.indexOf('.'))): Buffer {
    const { parts } = publication.file(publication.latest(dataset)!, name)!
    return Buffer.concat(parts.map(({ path }) => readFileSync(path)))
  }
  /** Rows of a CSV file, without its header. */
  const rows = (dataset: string) =>
    publication.latest(dataset) ? read(`${dataset}.csv`).toString().split('\r\n').slice(1, -1) : []
  return { folder, published, publication, outcomes, read, rows }
}

beforeAll(async () => {
  // Steady until the 26th at 0:00, silent for 30 hours in which 60 steps flow, steady again until the 28th.
  await fill(figures, electricity, [
    ...steady('2026-10-24T00:00', '2026-10-26T00:00', 1000),
    ...steady('2026-10-27T06:00', '2026-10-28T00:00', 1000 + 144 + 150 + 60),
  ])
  await fill(figures, heat, steady('2026-10-24T00:00', '2026-10-28T00:00', 0))
  await fill(
    figures,
    territory.meters.get('secret') as ReadMeter,
    steady('2026-10-24T00:00', '2026-10-28T00:00', 0),
  )
  await fill(
    figures,
    territory.meters.get('road') as ReadMeter,
    steady('2026-10-24T00:00', '2026-10-28T00:00', 0),
  )
})

afterAll(async () => {
  await queries.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('fluides-jour.csv', () => {
  it('is the contract, to the last digit: a day of 25 hours, a gap, shares, days without data', async () => {
    const college = 'college-a,ABCD1234EFGH,"Collège ""Jean Moulin"", Bourges",18033'
    const { read } = await publishAt('2026-10-30T12:00')
    expect(read('fluides-jour.csv').toString().split('\r\n')).toEqual([
      HEADER,
      `${college},chaleur,2026-10-24,2026-10-25,108,kWh,1.0000,0.0000,mesuree,0`,
      `${college},chaleur,2026-10-25,2026-10-26,112.5,kWh,1.0000,0.0000,mesuree,0`,
      `${college},chaleur,2026-10-26,2026-10-27,108,kWh,1.0000,0.0000,mesuree,0`,
      `${college},chaleur,2026-10-27,2026-10-28,108,kWh,1.0000,0.0000,mesuree,0`,
      `${college},chaleur,2026-10-28,2026-10-29,,kWh,0.0000,0.0000,absente,0`,
      `${college},chaleur,2026-10-29,2026-10-30,,kWh,0.0000,0.0000,absente,0`,
      `${college},electricite,2026-10-24,2026-10-25,14.4,kWh,1.0000,0.0000,mesuree,0`,
      `${college},electricite,2026-10-25,2026-10-26,15,kWh,1.0000,0.0000,mesuree,0`,
      `${college},electricite,2026-10-26,2026-10-27,4.8,kWh,0.0000,0.0000,partielle,0`,
      `${college},electricite,2026-10-27,2026-10-28,12,kWh,0.7500,0.0000,partielle,0`,
      `${college},electricite,2026-10-28,2026-10-29,,kWh,0.0000,0.0000,absente,0`,
      `${college},electricite,2026-10-29,2026-10-30,,kWh,0.0000,0.0000,absente,0`,
      'depot,,Dépôt,18033,chaleur,2026-10-25,2026-10-26,37.5,kWh,1.0000,0.0000,mesuree,0',
      'depot,,Dépôt,18033,chaleur,2026-10-26,2026-10-27,36,kWh,1.0000,0.0000,mesuree,0',
      '',
    ])
  })

  it('is the same, byte for byte, wherever it is made', async () => {
    const [one, other] = [await publishAt('2026-10-30T12:00'), await publishAt('2026-10-30T12:00')]
    expect(other.read('fluides-jour.csv').equals(one.read('fluides-jour.csv'))).toBe(true)
  })

  it('has a day as soon as it is over, and not before', async () => {
    const lastDay = async (now: string) =>
      (await publishAt(now))
        .rows('fluides-jour')
        .join('\n')
        .match(/electricite,(\S{10})(?!.*electricite)/s)?.[1]
    expect(await lastDay('2026-10-25T23:59:59.999')).toBe('2026-10-24')
    expect(await lastDay('2026-10-26T00:00')).toBe('2026-10-25')
  })

  it('tells what was stated as estimated', async () => {
    const stated = memoryFigures()
    const day = { start: at('2026-10-01T00:00'), end: at('2026-10-02T00:00') }
    const invoice = { origin: 'invoice', known: null, amount: 60, ms: 7 * 3_600_000 } as const
    await stated.replace('elec', 'day', 0, day.end, [
      { ...day, amount: 100, coveredMs: 17 * 3_600_000, readings: 100, stated: [invoice] },
    ])
    const { rows } = await publishAt('2026-10-02T00:00', { from: stated })
    expect(rows('fluides-jour').map(row => row.split(',').slice(-6).join())).toEqual([
      '10,kWh,0.7083,0.2917,estimee,0',
    ])
  })
})

describe('fluides.csv', () => {
  it('has closed months only, and one without data is a row without a figure', async () => {
    const rows = async (now: string) =>
      (await publishAt(now)).rows('fluides').map(row => row.split(',').slice(-10, -4).join(','))
    expect(await rows('2026-10-31T23:59')).toEqual([])
    // 67 of 745 hours are 0.08993…, 97 are 0.13020…, 49 are 0.06577…
    const october = [
      'chaleur,2026-10-01,2026-11-01,436.5,kWh,0.1302',
      'electricite,2026-10-01,2026-11-01,46.2,kWh,0.0899',
    ]
    const depot = 'chaleur,2026-10-01,2026-11-01,73.5,kWh,0.0657'
    expect(await rows('2026-11-01T00:00')).toEqual([...october, depot])
    expect(await rows('2026-12-01T00:00')).toEqual([
      october[0],
      'chaleur,2026-11-01,2026-12-01,,kWh,0.0000',
      october[1],
      'electricite,2026-11-01,2026-12-01,,kWh,0.0000',
      depot,
    ])
  })

  it('never shows a site that has not said that it is open, nor a road station as a building', async () => {
    const { published, folder } = await publishAt('2026-12-01T00:00')
    for (const { version } of DATASETS.map(({ id }) => published.latest(id)).filter(each => !!each))
      for (const { name } of version.files)
        for (const { path } of published.objects(version, name))
          expect(readFileSync(path).toString('latin1'), name).not.toMatch(
            version.dataset === 'stations-routieres' ? /foyer|chaufferie/ : /foyer|chaufferie|station/,
          )
    expect(existsSync(join(folder, WORK_FOLDER))).toBe(false)
  })

  it('writes very large and very small figures without an exponent, and full coverage only when it is full', async () => {
    const water = meter('eau', 'depot', {
      fluid: 'eau',
      unit: 'L',
      resolution: 0.000001,
      stepsPerUnit: 1_000_000,
    })
    const gas = meter('gaz', 'depot', { fluid: 'gaz', unit: 'MW.h', resolution: 1, stepsPerUnit: 1 })
    const extreme = memoryFigures()
    const day = { start: at('2026-10-01T00:00'), end: at('2026-10-02T00:00') }
    await extreme.replace('eau', 'day', 0, day.end, [
      { ...day, amount: 1, coveredMs: 86_399_999, readings: 1 },
    ])
    await extreme.replace('gaz', 'day', 0, day.end, [
      { ...day, amount: Number.MAX_SAFE_INTEGER, coveredMs: 86_400_000, readings: 1 },
    ])
    const of = registry([building('depot')], [water, gas], ZONE)
    const { rows, read } = await publishAt('2026-10-02T00:00', { of, from: extreme })
    expect(rows('fluides-jour').map(row => row.split(',').slice(7, 10).join())).toEqual([
      '0.000000001,m3,0.9999',
      '9007199254740991000,kWh,1.0000',
    ])
    expect(read('fluides-jour.jsonl').toString()).toContain('"consommation":9007199254740991000,')
    expect(read('fluides-jour-tableur.csv', 'fluides-jour').toString()).toContain(';0,000000001;m3;0,9999;')
  })
})

/** What stands at a path of a JSON document. */
function pick(document: unknown, ...path: (string | number)[]): unknown {
  return path.reduce((value, key) => (value as Record<string, unknown>)[key], document)
}

async function datasetsAt(now: string) {
  return pick(catalogueOf((await publishAt(now)).publication), 'dcat:dataset') as Record<string, unknown>[]
}

function catalogueOf(publication: Publication, request: Partial<CatalogueRequest> = {}) {
  const whole: CatalogueRequest = { format: 'jsonld', profile: 'udata', page: 1, pageSize: 100 }
  return JSON.parse(publication.catalogue({ ...whole, ...request })!) as Record<string, unknown>
}

const NOW = '2026-11-03T12:00'

describe('the catalogue', () => {
  it('describes the files as they are, and nothing that is not published', async () => {
    const { publication, read } = await publishAt(NOW)
    const datasets = pick(catalogueOf(publication), 'dcat:dataset') as Record<string, unknown>[]
    expect(datasets.map(dataset => dataset['dct:identifier'])).toEqual([
      'fluides',
      'fluides-jour',
      'batiments',
      'stations-routieres',
    ])
    for (const dataset of datasets) {
      const id = dataset['dct:identifier'] as string
      for (const distribution of dataset['dcat:distribution'] as Record<string, unknown>[]) {
        const url = String(pick(distribution, 'dcat:downloadURL', '@id'))
        const file = read(url.slice(`${BASE}/open-data/`.length), id)
        expect(distribution, url).toMatchObject({
          'dcat:byteSize': { '@value': String(file.length) },
          'spdx:checksum': { 'spdx:checksumValue': createHash('sha256').update(file).digest('hex') },
        })
      }
    }
  })

  it('has what data.gouv.fr reads and rates', async () => {
    const [month, day] = await datasetsAt(NOW)
    for (const dataset of [month, day]) {
      expect(pick(dataset, 'dct:description')).toMatch(/.{100}/)
      expect(dataset).toMatchObject({
        'dct:license': { '@id': 'https://www.etalab.gouv.fr/licence-ouverte-open-licence' },
        'dct:modified': { '@value': new Date(at(NOW)).toISOString() },
      })
      const geometry = String(pick(dataset, 'dct:spatial', 'locn:geometry', '@value'))
      expect(JSON.parse(geometry)).toMatchObject({ type: 'MultiPolygon' })
      expect(dataset).not.toHaveProperty(['dct:temporal', '@id'])
    }
    expect(month).toMatchObject({
      'dcat:theme': ['ENER', 'ENVI'].map(theme => ({
        '@id': `http://publications.europa.eu/resource/authority/data-theme/${theme}`,
      })),
      'dct:provenance': { '@id': `${BASE}/open-data/fluides/versions/1/provenance.jsonld` },
      'foaf:page': { '@id': `${BASE}/open-data/fluides.quality.json` },
      'dct:accrualPeriodicity': { '@id': expect.stringMatching(/frequency\/MONTHLY$/) },
      'dct:temporal': {
        'dcat:startDate': { '@value': '2026-10-01' },
        'dcat:endDate': { '@value': '2026-10-31' },
      },
    })
    expect(pick(month, 'dcat:distribution', 0)).toMatchObject({
      'dcat:downloadURL': { '@id': `${BASE}/open-data/fluides.csv` },
      'foaf:page': { '@id': `${BASE}/open-data/fluides.csv.proof.json` },
    })
    expect(pick(day, 'dct:temporal', 'dcat:endDate', '@value')).toBe('2026-11-02')
  })

  it('uses no prefix that its own context lacks', async () => {
    const { '@context': context, ...catalogue } = catalogueOf((await publishAt(NOW)).publication)
    const names = JSON.stringify(catalogue).matchAll(/"([a-z]+):[A-Za-z]+"/g)
    const used = new Set([...names].map(match => match[1]!))
    expect([...used].filter(prefix => !(prefix in (context as object)))).toEqual([])
  })
})

describe('the Table Schema', () => {
  it('has the columns of the file, in their order, at the address that the catalogue names', async () => {
    const { publication } = await publishAt(NOW)
    const [month] = pick(catalogueOf(publication), 'dcat:dataset') as Record<string, unknown>[]
    const address = String(pick(month, 'dct:conformsTo', '@id'))
    const [, dataset, version] = /schemas\/(.+)\/(.+)\/schema\.json$/.exec(address)!
    const schema = publication.tableSchema(dataset!, version!)
    expect(schema).toMatchObject({ path: address })
    const fields = pick(schema, 'fields') as Record<string, unknown>[]
    expect(fields.map(({ name }) => name).join(',')).toBe(`${HEADER},consommation_corrigee_climat`)
    expect(fields[8]).toMatchObject({ name: 'unite', title_en: 'Unit', ucum: { kWh: 'kW.h', m3: 'm3' } })
    expect(publication.tableSchema('fluides', '9.9.9')).toBeUndefined()
  })

  it('of an earlier version has what came first, in the same places', async () => {
    const { publication } = await publishAt(NOW)
    const first = pick(publication.tableSchema('fluides', '1.0.0'), 'fields') as Record<string, unknown>[]
    expect(first.map(({ name }) => name).join(',')).toBe(HEADER.split(',part_estimee')[0])
    expect(publication.schemaDocument('fluides', 'CHANGELOG.md')).toMatch(/## 1\.1\.0 .*## 1\.0\.0 /s)
    expect(publication.schemaDocument('fluides', 'README.md')).toContain('| `part_estimee` | number |')
  })
})
