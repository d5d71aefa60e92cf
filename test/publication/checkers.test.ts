import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check as checkGeoJson } from '@placemarkio/check-geojson'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATASETS } from '../../publication/datasets.ts'
import { ROAD_ALERTS } from '../../publication/roads.ts'
import { TRAFFIC_SIX_MINUTES } from '../../publication/traffic.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { alertEvent, frostAlert } from '../api/hub.ts'
import { startDemonstration } from '../e2e/demonstration.ts'
import { publishNow } from '../e2e/publish.ts'
import { startTestClock } from '../e2e/test-clock.ts'
import { askPython } from '../peers/ask.ts'
import { findPeer, findSharedChecker } from '../peers/cache.ts'
import { fetchInto, fetchPublished, type PublishedFile, readJson, type TableSchema } from './published.ts'

/**
 * What those who take open data run on it, on everything that the catalogue of the demonstration names: a dataset
 * that is new there is checked as well.
 */

const BASE = 'https://donnees.example.org'
/** A commune that exists: those of the demonstration do not, and csv-detective knows the real ones. */
const COMMUNE = '77288'
const SHAPES = findSharedChecker('dcat-ap-3.0.1-shapes.ttl')
const UDATA_CHECK = findSharedChecker('udata_check.py')

const STRICT = '?profile=strict'
/** Formats as rdflib names them. */
const CATALOGUES = [
  { file: 'catalog.jsonld', format: 'json-ld' },
  { file: 'catalog.ttl', format: 'turtle' },
  { file: 'catalog.rdf', format: 'xml' },
]

/** What csv-detective must take the columns for, where a table has them. */
const RECOGNISED = {
  id_rnb: /^id_rnb$/,
  code_commune: /^code_commune$/,
  debut: /^date(time_aware)?$/,
  fin: /^date(time_aware)?$/,
}

interface Checked {
  tables: Record<string, unknown[]>
  detected: Record<string, Record<string, string>>
  packages: { resources: string[]; violations: unknown[] }[]
  catalogues: Record<string, { datasets: CkanDataset[]; violations: Violation[] | null }>
}

interface CkanDataset {
  title: string
  notes: string
  tags: unknown[]
  extras: { key: string; value: string }[]
  resources: { url: string; size: number; hash: string }[]
}

interface Violation {
  severity: string
  node: string
  property: string
  value: string
  message: string
}

interface Judged {
  status: number
  printed: string
  datasets: {
    identifier: string
    title: string
    licence: string
    frequency: string
    spatial: string
    temporal: [string, string]
    quality: Record<string, boolean | number>
    resources: { url: string; format: string; bytes: number; checksum: string }[]
  }[]
}

// When a year has just ended.
const clock = startTestClock('2027-01-01T23:30:00+01:00')
let folder: string
let hub: Awaited<ReturnType<typeof startDemonstration>>
let files: PublishedFile[]
let checked: Checked
let found: Record<string, string[]>
let judged: Record<string, Judged>

/** For what reads plain CSV. */
const plainTables = () => files.filter(({ path, conforms }) => path.endsWith('.csv') && conforms)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-checkers-'))
  const data = join(folder, 'data')
  await keepAlert(data)
  hub = await startDemonstration(
    { territory: await adaptTerritory(), data, publicBaseUrl: BASE, simulators: { historyMonths: 1 } },
    clock,
  )
  await publishNow(data)
  const source = { hubUrl: hub.url, baseUrl: BASE }
  const fetched = (address: string) => fetchInto(folder, source, BASE + address)
  const fetchCatalogues = (query: string) =>
    Promise.all(
      CATALOGUES.map(async ({ file, format }) => ({
        path: await fetched(`/open-data/${file}${query}`),
        format,
      })),
    )
  const harvested = await fetchCatalogues('')
  const catalogues = [...harvested, ...(await fetchCatalogues(STRICT))]
  files = await fetchPublished(folder, source, await readJson(folder, harvested[0]!.path))
  const versionPackage = '/open-data/fluides-jour/versions/1/datapackage.json'
  const packages = await Promise.all(
    ['/open-data/datapackage.json', versionPackage].map(async address =>
      packageOfCopies(source, await fetched(address)),
    ),
  )
  const question = {
    ...{ folder, packages, catalogues, shapes: SHAPES },
    tables: files.filter(isAnotherTable).flatMap(readAsTable),
    detected: plainTables().map(({ path }) => path),
  }
  const validated = { folder, tables: plainTables().map(({ path, schema }) => ({ path, schema })) }
  // Each starts in some seconds: once, and side by side.
  ;[checked, found, judged] = await Promise.all([
    findPeer('checkers') ? askPython<Checked>('checkers', ['checkers.py'], question) : checked,
    findPeer('validata') ? askPython<typeof found>('validata', ['validata.py'], validated) : found,
    findPeer('udata') && UDATA_CHECK
      ? askPython<typeof judged>('udata', ['data_gouv.py', UDATA_CHECK], {
          ...{ folder, catalogues: harvested },
          now: clock.now() / 1000,
        })
      : judged,
  ])
}, 300_000)
afterAll(async () => {
  await hub?.close()
  await rm(folder, { recursive: true })
})

/** A new hub has no alerts: one of the month before. */
async function keepAlert(data: string): Promise<void> {
  await mkdir(data)
  const records = openRecordStore({ file: join(data, 'records.sqlite') })
  const firedAt = Date.parse('2026-11-30T03:00:00Z')
  const alert = frostAlert('resolved', { site: 'station-pont-de-l-orvanne', phenomenon: 'ice', firedAt })
  const numbered = { sender: 'rules-1', run: 'r', number: 1, event: alertEvent('resolved', alert) }
  records.writeAlertEvents([numbered], { sender: 'rules-1', stream: 'alerts', run: 'r', upTo: 1, ranges: [] })
  await records.synced()
  records.close()
}

/** The demonstration in a real commune, with a building whose hours are published. */
async function adaptTerritory(): Promise<string> {
  const territory = join(folder, 'demo')
  await cp(join(import.meta.dirname, '../../demo'), territory, { recursive: true })
  const sites = join(territory, 'sites.yaml')
  const text = (await readFile(sites, 'utf8'))
    .replace(/commune: "\d+"/g, `commune: "${COMMUNE}"`)
    .replace('openData: true', 'openData: true\n    openDataHourly: { delayDays: 2 }')
  await writeFile(sites, text)
  return territory
}

/** The six minutes of a month are many rows, in the columns of the hours: one of their files says enough. */
function isAnotherTable({ dataset, path }: PublishedFile): boolean {
  return dataset !== TRAFFIC_SIX_MINUTES.id || (path.endsWith('.csv') && !path.endsWith('-tableur.csv'))
}

/** What frictionless needs to read a file as a table; nothing for one that is none. */
function readAsTable({ path, schema, conforms }: PublishedFile) {
  if (!/\.(?:csv|csv\.gz|jsonl)$/.test(path)) return []
  return conforms ? [{ path, schema }] : [{ path, schema: withDecimalCommas(schema), delimiter: ';' }]
}

function withDecimalCommas({ fields, ...schema }: TableSchema): TableSchema {
  return {
    ...schema,
    fields: fields.map(field => (field.type === 'number' ? { ...field, decimalChar: ',' } : field)),
  }
}

/** The package with copies of what it names in place of their addresses. */
async function packageOfCopies(source: Parameters<typeof fetchInto>[1], path: string) {
  interface Resource {
    path: string
    schema: string
  }
  const { resources, ...about } = await readJson<{ resources: Resource[] }>(folder, path)
  const copied = resources.map(async resource => ({
    ...resource,
    path: await fetchInto(folder, source, resource.path),
    schema: await fetchInto(folder, source, resource.schema),
  }))
  return { ...about, resources: await Promise.all(copied) }
}

const datasets = () => new Set(files.map(({ dataset }) => dataset))

/** What a harvester must know of the files, by dataset and address. */
async function resourcesToKnow() {
  const known: Record<string, Record<string, { bytes: number; sha256: string }>> = {}
  for (const { dataset, url, path } of files) {
    const content = await readFile(join(folder, path))
    const sha256 = createHash('sha256').update(content).digest('hex')
    known[dataset] = { ...known[dataset], [url]: { bytes: content.length, sha256 } }
  }
  return known
}

describe.runIf(findPeer('checkers'))('what is published', () => {
  it('is every dataset', () => {
    expect(datasets()).toEqual(new Set(DATASETS.map(({ id }) => id)))
  })

  it('is valid for frictionless in each format that it reads, against the schema that the catalogue names', () => {
    expect(Object.keys(checked.tables).length).toBeGreaterThanOrEqual(4 * (datasets().size - 1) + 1)
    for (const [path, violations] of Object.entries(checked.tables)) expect(violations, path).toEqual([])
  })

  it('is a valid package for frictionless, with the checksum of every file', () => {
    expect(checked.packages.map(({ violations }) => violations)).toEqual([[], []])
    const [whole, ofVersion] = checked.packages.map(({ resources }) => new Set(resources))
    expect(whole).toEqual(datasets())
    expect(ofVersion).toEqual(new Set(['fluides-jour']))
  })

  it.runIf(findPeer('validata'))('is valid for Validata', () => {
    expect(found).toEqual(Object.fromEntries(plainTables().map(({ path }) => [path, []])))
  })

  it('has buildings of the RNB, communes and dates that csv-detective recognises', () => {
    for (const [path, formats] of Object.entries(checked.detected))
      for (const [column, format] of Object.entries(RECOGNISED))
        if (column in formats) expect(formats[column], `${path}: ${column}`).toMatch(format)
    expect(Object.keys(checked.detected['open-data/fluides.csv']!)).toEqual(
      expect.arrayContaining(Object.keys(RECOGNISED)),
    )
  })
})

it('what is published as GeoJSON is valid for check-geojson', async () => {
  const places = files.filter(({ path }) => path.endsWith('.geojson'))
  expect(places.length).toBeGreaterThan(0)
  for (const { path } of places) checkGeoJson(await readFile(join(folder, path), 'utf8'))
})

describe.runIf(findPeer('checkers'))('the catalogue', () => {
  it('tells CKAN of every dataset, of every file and its checksum', async () => {
    for (const [path, { datasets }] of Object.entries(checked.catalogues)) {
      const read = datasets.map(({ title, notes, tags, extras, resources }) => {
        const { identifier, ...more } = Object.fromEntries(extras.map(({ key, value }) => [key, value]))
        expect([title, notes, tags[0]].every(Boolean), identifier).toBe(true)
        expect(Object.keys(more), identifier).toEqual(
          expect.arrayContaining(['frequency', 'spatial', 'publisher_name', 'contact_email']),
        )
        const files = resources.map(({ url, size, hash }) => [url, { bytes: size, sha256: hash }])
        return [identifier, Object.fromEntries(files)]
      })
      expect(Object.fromEntries(read), path).toEqual(await resourcesToKnow())
    }
  })

  it.runIf(SHAPES)('is DCAT-AP 3.0.1 after its shapes in the strict profile', () => {
    const strict = Object.entries(checked.catalogues).filter(([path]) => path.endsWith(STRICT))
    expect(strict).toHaveLength(CATALOGUES.length)
    for (const [path, { violations }] of strict) expect(violations, path).toEqual([])
  })

  it.runIf(SHAPES)(
    'is so in the other one too, but for the type of checksums, which data.gouv.fr cannot read',
    () => {
      const others = Object.entries(checked.catalogues).filter(([path]) => !path.endsWith(STRICT))
      for (const [path, { violations }] of others)
        expect(new Set(violations!.map(({ property }) => property)), path).toEqual(
          new Set(['http://spdx.org/rdf/terms#checksumValue']),
        )
    },
  )
})

describe.runIf(findPeer('udata') && UDATA_CHECK)('data.gouv.fr', () => {
  it('takes every dataset, with licence, frequency, coverage in space and time, files and checksums', async () => {
    const known = await resourcesToKnow()
    for (const [path, { status, printed, datasets }] of Object.entries(judged)) {
      expect({ path, status }, printed).toEqual({ path, status: 0 })
      const read = datasets.map(({ identifier, resources, ...dataset }) => {
        expect(dataset, identifier).toMatchObject({ licence: 'lov2', spatial: 'MultiPolygon' })
        expect(dataset.frequency, identifier).toMatch(/^(hourly|daily|monthly|annual|irregular)$/)
        expect(dataset.temporal[1] <= '2027-01-01', identifier).toBe(true)
        if (identifier === ROAD_ALERTS.id) expect(dataset.temporal).toEqual(['2026-11-01', '2026-11-30'])
        const files = resources.map(({ url, bytes, checksum }) => [
          url,
          { bytes, sha256: checksum.replace('sha256 ', '') },
        ])
        return [identifier, Object.fromEntries(files)]
      })
      expect(Object.fromEntries(read)).toEqual(known)
    }
  })

  it('gives every dataset all nine points of its quality score', () => {
    for (const { datasets } of Object.values(judged))
      for (const { identifier, quality } of datasets)
        expect(quality, `${identifier}: ${JSON.stringify(quality)}`).toMatchObject({ score: 9 })
  })
})
