import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { recordId } from '../../api/explore/records.ts'
import { SETS } from '../../api/sensor-things/model.ts'
import { DATASETS } from '../../publication/datasets.ts'
import { SUFFIXES } from '../../publication/freeze.ts'
import { openProofLog } from '../../publication/log/log.ts'
import { recordVersions } from '../../publication/log/record.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { LISTS } from '../../registry/files.ts'
import { loadRegistry } from '../../registry/load.ts'
import { silentLog } from '../bus/fixtures.ts'
import { publicationIn, sourcesOf } from '../publication/files.ts'
import { type Hub, NOW, reading, readJson, startHub } from './hub.ts'

const TERRITORY = join(import.meta.dirname, 'secrets.yaml')
const { territory, ...lists } = parse(await readFile(TERRITORY, 'utf8'))

/** Every value of the registry that must be in no open data, with where it stands. */
const SECRETS = new Map(valuesOf({ territory, ...lists }).filter(([value]) => /secret|98765/i.test(value)))

function valuesOf(value: unknown, path = ''): [value: string, path: string][] {
  if (typeof value !== 'object' || value === null) return [[String(value), path]]
  return Object.entries(value).flatMap(([key, inner]) => valuesOf(inner, `${path}/${key}`))
}

/** As they stand there, and by the hashes by which one who guesses a number would find it. */
const NEEDLES = [...SECRETS].flatMap(([secret, path]) => [
  { needle: secret.toLowerCase(), of: path },
  ...['md5', 'sha1', 'sha256'].flatMap(algorithm => {
    const hash = createHash(algorithm).update(secret).digest()
    const encodings = [
      hash.toString('hex'),
      hash.toString('base64').replaceAll('=', ''),
      hash.toString('base64url'),
    ]
    return encodings.map(needle => ({ needle: needle.toLowerCase(), of: `${algorithm} of ${path}` }))
  }),
])

/** What stands for the parameters of addresses. A new one is named by the test that fails. */
const PATH_PARAMETERS: Record<string, string[]> = {
  file: DATASETS.flatMap(({ id }) => [...SUFFIXES, '.csv.proof.json'].map(suffix => id + suffix)),
  dataset: DATASETS.map(({ id }) => id),
  id: ['col'],
  version: ['1', '1.0.0', '1.1.0', '1.2.0'],
  resource: [
    ...SETS,
    "Things('col')?$expand=Locations,Datastreams($expand=Sensor,ObservedProperty,Observations)",
    "Observations('col.chaussee.surface.1795345190000')",
    "Observations?$filter=FeatureOfInterest/id eq 'college'&$expand=Datastream($expand=Sensor,Thing/Locations)",
  ],
  path: [
    ...['Datastream/Sensor/metadata/$value', 'Datastream/Thing/Locations/$ref'],
    ...['Datastreams/$ref', 'Locations?$expand=Things', 'name'],
  ],
  format: ['csv', 'json', 'jsonl', 'geojson', 'parquet', 'rdf', 'ttl'],
  // The keys of a building and of a month of it.
  record: [['college'], ['college', 'electricite', 'kWh', '2025-11-01']].map(recordId),
}
const QUERIES: Record<string, string[]> = {
  '/api/3/action/organization_show': ['?id=territoire'],
  '/api/3/action/package_show': DATASETS.map(({ id }) => `?id=${id}`),
  '/api/explore/v2.1/catalog/datasets': ['?limit=100'],
  '/api/explore/v2.1/catalog/datasets/{dataset}/records': ['?limit=100&include_app_metas=true'],
  '/open-data/changes': ['', ...DATASETS.map(({ id }) => `?dataset=${id}`)],
  '/open-data/log/proof': ['?dataset=fluides-jour&version=1'],
  '/open-data/log/consistency': ['?from=1'],
}
/** What only those who run the hub, and people with an account, are meant to reach. */
const INTERNAL = /^\/(?:v1|health|metrics|login|logout|winter-service|k)(?:\/|$)/

const duckdb = await DuckDBConnection.create()

let hub: Hub
let close: () => void
beforeAll(async () => {
  const registry = await loadRegistry(TERRITORY, { environment: {} })
  const base = await startHub()
  const folder = join(base.folder, '..', `${base.folder.split('/').at(-1)}-published`)
  await base.close()
  const published = openPublished(folder)
  const proofLog = openProofLog({
    ...{ folder: join(folder, 'log'), origin: () => 'essai.example/log' },
    ...{ clock: { now: () => NOW, elapsed: () => 0 }, log: silentLog },
  })
  hub = await startHub({ registry, proofLog, publication: publicationIn(folder, registry) })
  close = () => proofLog.close()
  const hour = 3_600_000
  const begin = Date.parse('2025-10-31T23:00:00Z')
  for (const meter of registry.meters.keys())
    for (const [grain, length, count] of [
      ['hour', hour, 50],
      ['day', 24 * hour, 70],
    ] as const)
      await hub.figures.replace(
        meter,
        grain,
        0,
        NOW,
        Array.from({ length: count }, (_, n) => ({
          ...{
            start: begin + n * length,
            end: begin + (n + 1) * length,
            amount: 5,
            coveredMs: length,
            readings: 9,
          },
        })),
      )
  await hub.store(reading('col/chaussee/surface', NOW - 10_000, 1.5))
  const context = {
    registry,
    now: NOW,
    sources: sourcesOf(hub.figures, { readings: hub.readings, records: hub.records }),
  }
  await publish({ datasets: DATASETS, context, published, folder, software: '0.0.0' })
  recordVersions(proofLog, published, DATASETS)
})
afterAll(async () => {
  await hub.close()
  duckdb.closeSync()
  close()
})

it('each list of the registry has a secret that could be told', () => {
  expect(Object.keys(lists).sort()).toEqual([...LISTS].sort())
  for (const list of LISTS)
    expect(
      [...SECRETS.values()].some(path => path.startsWith(`/${list}/`)),
      list,
    ).toBe(true)
})

it('no answer that the public gets holds a secret of the registry, nor a hash of it', async () => {
  const { paths } = await hub.json('/openapi.json')
  const open = Object.keys(paths).filter(path => paths[path].get && !INTERNAL.test(path))
  expect(open.length).toBeGreaterThan(15)
  const found: string[] = []
  const unread: string[] = []
  const searched = new Set<string>()
  for (const path of open) {
    let read = 0
    for (const address of addressesOf(path)) {
      const answer = await hub.get(address, { 'accept-encoding': 'identity' })
      const bytes = Buffer.from(await answer.arrayBuffer())
      if (answer.status === 200) read++
      const body = answer.status === 200 ? await unpack(address, bytes) : bytes
      const texts = [JSON.stringify([...answer.headers]), body.toString('latin1')].map(text =>
        text.toLowerCase(),
      )
      for (const text of texts.filter(text => !searched.has(text))) {
        searched.add(text)
        for (const { needle, of } of NEEDLES) if (text.includes(needle)) found.push(`${address} tells ${of}`)
      }
    }
    if (read === 0) unread.push(path)
  }
  expect(unread, 'say above how these are asked').toEqual([])
  expect(found).toEqual([])
})

it('tells what may be told, and finds what it looks for', async () => {
  const csv = await (await hub.get('/open-data/fluides-jour.csv')).text()
  expect(csv).toMatch(/^college,,Collège,42218,electricite,2025-11-01,2025-11-02,0,/m)
  expect(csv).toMatch(/^poste,/m)
  const internal = JSON.stringify(await readJson(await hub.get('/v1/sites'))).toLowerCase()
  expect(NEEDLES.some(({ needle }) => internal.includes(needle))).toBe(true)
})

it.each([
  '/open-data/fluides-jour.parquet',
  '/open-data/fluides-jour.csv.br',
  '/open-data/fluides-jour.csv.gz',
])('reads what is packed in %s', async address => {
  const bytes = Buffer.from(await (await hub.get(address, { 'accept-encoding': 'identity' })).arrayBuffer())
  expect(bytes.includes('2025-11-15')).toBe(false)
  expect((await unpack(address, bytes)).includes('2025-11-15')).toBe(true)
})

/** What an answer holds, as text that can be searched. */
async function unpack(address: string, bytes: Buffer): Promise<Buffer> {
  if (address.endsWith('.gz')) return gunzipSync(bytes)
  if (address.endsWith('.br')) return brotliDecompressSync(bytes)
  return bytes.subarray(0, 4).toString() === 'PAR1' ? Buffer.from(await tellParquet(bytes)) : bytes
}

/** The rows of a Parquet file, and what it says of itself. */
async function tellParquet(bytes: Buffer): Promise<string> {
  const file = join(hub.folder, 'answer.parquet')
  await writeFile(file, bytes)
  const tell = async (query: string) => JSON.stringify((await duckdb.runAndReadAll(query)).getRowsJson())
  const about = ['parquet_file_metadata', 'parquet_kv_metadata', 'parquet_schema'].map(name =>
    tell(`SELECT * FROM ${name}('${file}')`),
  )
  return (await Promise.all([tell(`SELECT * FROM '${file}'`), ...about])).join('\n')
}

/** The addresses that a path of the description stands for. */
function addressesOf(path: string): string[] {
  const [, name] = /\{(\w+)\}/.exec(path) ?? []
  if (name === undefined) return (QUERIES[path] ?? ['']).map(query => path + query)
  const values = PATH_PARAMETERS[name]
  expect(values, `say above what stands for {${name}} of ${path}`).toBeDefined()
  // A file is asked for of its own dataset only.
  const isOwn = (value: string) =>
    name !== 'file' || !path.includes('/versions/') || path.includes(`/${value.split('.')[0]}/`)
  return values!.filter(isOwn).flatMap(value => addressesOf(path.replace(`{${name}}`, value)))
}
