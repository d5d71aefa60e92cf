import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { periodsBetween } from '../../model/calendar.ts'
import { DATASETS } from '../../publication/datasets.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { publicationIn, sourcesOf, withoutShares } from '../publication/files.ts'
import { type Hub, NOW, readJson, startHub } from './hub.ts'

/** From the last day of summer time, a Saturday, to yesterday. */
const PERIOD = [Date.UTC(2026, 9, 23, 22), Date.UTC(2026, 10, 21, 23), 'Europe/Paris'] as const
const DAYS = 29

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
  const isOpen = ({ site }: { site: string }) => hub.registry.sites.get(site)?.openData
  const meter = [...hub.registry.meters.values()].find(isOpen)!
  for (const grain of ['day', 'hour'] as const) {
    const figures = periodsBetween(grain, ...PERIOD)
      .slice(0, grain === 'hour' ? 49 : DAYS)
      .map((period, n) => ({
        ...{ ...period, amount: 1000 + n, coveredMs: period.end - period.start, readings: 24 },
      }))
    // Of one day nothing is known.
    await hub.figures.replace(
      meter.id,
      grain,
      0,
      NOW,
      figures.filter((_, n) => grain === 'hour' || n !== 3),
    )
  }
  const { registry, folder } = hub
  const sites = new Map(
    [...registry.sites].map(([id, site]) => [id, { ...site, openDataHourly: { delayDays: 0 } }]),
  )
  const published = join(folder, 'publication')
  await publish({
    datasets: DATASETS,
    context: { registry: withoutShares({ ...registry, sites }), now: NOW, sources: sourcesOf(hub.figures) },
    ...{ published: openPublished(published), folder: published, software: '0.0.0' },
  })
})
afterAll(() => hub.close())

const ROOT = '/api/explore/v2.1/catalog'
const ask = (path: string, parameters: Record<string, string | string[]> = {}) => {
  const entries = Object.entries(parameters).flatMap(([name, value]) =>
    [value].flat().map(each => [name, each]),
  )
  return hub.get(`${ROOT}${path}?${new URLSearchParams(entries)}`)
}
// biome-ignore lint/suspicious/noExplicitAny: what is answered is what is tested
const json = async (...given: Parameters<typeof ask>): Promise<any> => {
  const response = await ask(...given)
  const body = await readJson(response)
  expect(response.status, JSON.stringify(body)).toBe(200)
  return body
}
const records = async (dataset: string, parameters: Record<string, string | string[]>) =>
  json(`/datasets/${dataset}/records`, parameters)
const refusal = async (path: string, parameters: Record<string, string> = {}) => {
  const response = await ask(path, parameters)
  return { status: response.status, ...(await readJson(response)) }
}

describe('the catalogue', () => {
  it('describes each dataset with its metadata and fields, in the language that is asked for', async () => {
    const { total_count, results } = await json('/datasets')
    expect(results.map((dataset: { dataset_id: string }) => dataset.dataset_id)).toContain('fluides-jour')
    expect(total_count).toBe(results.length)
    const dataset = await json('/datasets/batiments', { lang: 'en', include_links: 'true' })
    expect(dataset).toMatchObject({
      ...{ dataset_id: 'batiments', has_records: true, data_visible: true, attachments: [] },
      features: ['analyze', 'geo'],
      metas: {
        default: {
          ...{ title: 'Public buildings', records_count: 1, publisher: 'Essai', language: 'en' },
          license: 'Licence Ouverte / Open Licence version 2.0',
          modified: '2026-11-22T11:00:00+00:00',
          keyword: expect.arrayContaining(['patrimoine']),
        },
        dcat: { accrualperiodicity: expect.stringMatching(/\/IRREG$/) },
      },
    })
    expect(dataset.fields).toContainEqual({
      ...{ name: 'surface', label: 'Floor area', type: 'double', annotations: {} },
      description: expect.any(String),
    })
    expect(dataset.fields.at(-1)).toMatchObject({ name: 'geo_point_2d', type: 'geo_point_2d' })
    expect(dataset._links).toContainEqual({
      rel: 'records',
      href: `https://hub.example${ROOT}/datasets/batiments/records`,
    })
  })

  it('is searched, selected from, sorted and grouped like rows', async () => {
    const ids = async (parameters: Record<string, string>) =>
      (await json('/datasets', { select: 'dataset_id', ...parameters })).results.map(
        (dataset: { dataset_id: string }) => dataset.dataset_id,
      )
    expect(await ids({ where: 'search("patrimoine")' })).toEqual(['batiments'])
    expect(await ids({ where: 'keyword = "patrimoine"' })).toEqual(['batiments'])
    expect(await ids({ where: '"patrimoine" in default.keyword or title like "patrimo*"' })).toEqual([
      'batiments',
    ])
    expect(await ids({ refine: 'keyword:patrimoine' })).toEqual(['batiments'])
    expect(await ids({ exclude: 'keyword:énergie' })).toEqual(['batiments'])
    expect((await ids({ order_by: '-records_count' }))[0]).toBe('fluides-heure')
    expect(await json('/datasets', { select: 'count(*) as n', group_by: 'publisher' })).toEqual({
      results: [{ publisher: 'Essai', n: expect.any(Number) }],
    })
    expect((await json('/datasets', { select: 'dataset_id, default.title', limit: '1' })).results[0]).toEqual(
      {
        dataset_id: 'fluides',
        'default.title': expect.stringMatching(/^Consommation/),
      },
    )
    expect(await refusal('/datasets', { group_by: 'keyword' })).toMatchObject({ status: 400 })
  })
})

describe('records', () => {
  it('are rows in the order of the files, ten at a time', async () => {
    const { total_count, results } = await records('fluides-jour', {})
    expect(total_count).toBe(DAYS)
    expect(results).toHaveLength(10)
    expect(results[0]).toMatchObject({
      ...{ id_batiment: 'college', code_commune: '42218', debut: '2026-10-24', consommation: 10 },
    })
    const second = await records('fluides-jour', { offset: '10', limit: '100', include_links: 'true' })
    expect(second.results.map((row: { debut: string }) => row.debut)[0]).toBe('2026-11-03')
    expect(second.results).toHaveLength(DAYS - 10)
    expect(second._links.map((link: { rel: string }) => link.rel)).toEqual(['self', 'first'])
    const [, , next] = (await records('fluides-jour', { include_links: 'true' }))._links
    expect(next).toMatchObject({ rel: 'next', href: expect.stringMatching(/limit=10&offset=10$/) })
    expect((await records('fluides-jour', { limit: '0' })).results).toEqual([])
    expect((await records('fluides-jour', { limit: '-1' })).results).toHaveLength(DAYS)
  })

  it('have an id by which they are found again', async () => {
    const { results } = await records('fluides-heure', {
      include_app_metas: 'true',
      select: 'consommation',
      limit: '1',
    })
    expect(results[0]).toEqual({
      ...{ _id: expect.any(String), _timestamp: '2026-11-22T11:00:00.000Z', _size: 19, consommation: 10 },
    })
    const path = `/datasets/fluides-heure/records/${results[0]._id}`
    expect(await json(path, { timezone: 'Europe/Paris' })).toMatchObject({
      ...{ id_batiment: 'college', debut: '2026-10-24T00:00:00+02:00' },
    })
    for (const id of ['nothing', Buffer.from('["college"]').toString('base64url'), `${results[0]._id}x`])
      expect(await refusal(`/datasets/fluides-heure/records/${id}`)).toMatchObject({
        ...{ status: 404, error_code: 'NotFoundResource' },
      })
  })

  it('meet conditions; a not is met by what is unknown, an inequality is not', async () => {
    const days = async (where: string | string[]) =>
      (await records('fluides-jour', { where, select: 'debut', limit: '100' })).results.map(
        ({ debut }: { debut: string }) => Number(debut.slice(8)),
      )
    expect(await days("debut in [date'2026-10-25'..date'2026-10-27'[")).toEqual([25, 26])
    expect(await days(['debut >= "2026-10-26"', "debut < date'2026/10/28'"])).toEqual([26, 27])
    expect(await days('consommation is null')).toEqual([27])
    expect(await days('consommation = 10.01')).toEqual([25])
    expect(await days('not consommation > 0')).toEqual([27])
    expect(await days('consommation != 10 and debut < "2026-10-29"')).toEqual([25, 26, 28])
    expect(await days('month(debut) = 11 and day(debut) in (1, 2)')).toEqual([1, 2])
    expect(await days("date_format(debut, 'E dd/MM') = 'lun. 26/10'")).toEqual([26])
    expect(await days('debut > now(days=-3)')).toEqual([20, 21])
    expect(await days('nom_batiment like "COLLEGE essai" and day(debut) = 24')).toEqual([24])
    expect(await days('nom_batiment like "colleg"')).toEqual([])
    expect(
      await days('nom_batiment like "colleg*" and startswith(fluide, "elec") and day(debut)=24'),
    ).toEqual([24])
    expect(await days('suggest(nom_batiment, "coll ess") and search("electri") and day(debut)=24')).toEqual([
      24,
    ])
    expect(await days('code_commune = 42218 and qualite in ("absente")')).toEqual([27])
  })

  it('are selected, worked out and sorted', async () => {
    const { results } = await records('fluides-jour', {
      select: 'debut as jour, consommation * 2 + 1 as double, length(unite), exclude(fin)',
      order_by: 'double desc',
      ...{ where: 'consommation is not null', limit: '2' },
    })
    expect(results).toEqual([
      { jour: '2026-11-21', double: 21.56, 'length(unite)': 3 },
      { jour: '2026-11-20', double: 21.54, 'length(unite)': 3 },
    ])
    const [first] = (await records('fluides-jour', { select: 'include(id_*, fluide)', limit: '1' })).results
    expect(Object.keys(first)).toEqual(['id_batiment', 'id_rnb', 'fluide'])
  })

  it('are grouped, with the groups in their order or another', async () => {
    expect(
      await records('fluides-jour', {
        select: 'count(*) as n, sum(consommation)',
        group_by: 'month(debut) as mois',
      }),
    ).toEqual({
      results: [
        { mois: 10, n: 8, 'sum(consommation)': expect.closeTo(70.25, 6) },
        { mois: 11, n: 21, 'sum(consommation)': expect.closeTo(213.78, 6) },
      ],
    })
    const grouped = { select: 'count(*)', group_by: 'qualite', order_by: 'count(*) desc' }
    expect(
      (await records('fluides-jour', grouped)).results.map((group: { qualite: string }) => group.qualite),
    ).toEqual(['mesuree', 'absente'])
    expect(await records('fluides-jour', { select: 'count(*)', group_by: 'RANGE(revision,15)' })).toEqual({
      results: [{ 'RANGE(revision,15)': '[0, 14]', 'count(*)': DAYS }],
    })
    const steps = 'range(consommation, *, 10.03, 10.14, *) as tranche'
    expect((await records('fluides-jour', { select: 'count(*) as n', group_by: steps })).results).toEqual([
      { tranche: '[*, 10.03[', n: 3 },
      { tranche: '[10.03, 10.14[', n: 10 },
      { tranche: '[10.14, *]', n: 15 },
    ])
    const extremes =
      'min(debut) as d, median(consommation) as m, percentile(consommation, 0) as p, avg(consommation) as a'
    expect(await records('fluides-jour', { select: extremes })).toEqual({
      total_count: DAYS,
      results: [{ d: '2026-10-24', m: expect.closeTo(10.145, 6), p: 10, a: expect.closeTo(10.1439, 3) }],
    })
  })

  it('tell times on the clocks of a zone, also where they go back', async () => {
    const grouped = {
      select: 'count(*) as n',
      group_by: 'range(debut, 1 day) as jour',
      ...{ timezone: 'Europe/Paris', limit: '2' },
    }
    expect((await records('fluides-heure', grouped)).results).toEqual([
      { jour: '2026-10-24T00:00:00+02:00', n: 24 },
      { jour: '2026-10-25T00:00:00+02:00', n: 25 },
    ])
    const hours = {
      where: "debut >= date'2026-10-25T01:00' and hour(debut) < 3",
      ...{ select: 'debut', timezone: 'Europe/Paris', limit: '3' },
    }
    expect(
      (await records('fluides-heure', hours)).results.map(({ debut }: { debut: string }) => debut),
    ).toEqual(['2026-10-25T01:00:00+02:00', '2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00'])
    expect((await records('fluides-heure', { select: 'debut', limit: '1' })).results).toEqual([
      { debut: '2026-10-23T22:00:00+00:00' },
    ])
    const refined = { refine: 'debut:2026/10/25', timezone: 'Europe/Paris', limit: '0' }
    expect((await records('fluides-heure', refined)).total_count).toBe(25)
  })

  it('are found by where they are', async () => {
    const { lat, lon } = hub.registry.sites.get('college')!.position
    const count = async (where: string) => (await records('batiments', { where, limit: '0' })).total_count
    expect(await count(`in_bbox(geo_point_2d, ${lat - 1}, ${lon - 1}, ${lat + 1}, ${lon + 1})`)).toBe(1)
    expect(await count(`in_bbox(geo_point_2d, ${lat + 1}, ${lon - 1}, ${lat + 2}, ${lon + 1})`)).toBe(0)
    const point = `geom'POINT(${lon} ${lat + 0.1})'`
    expect(await count(`within_distance(geo_point_2d, ${point}, 12km)`)).toBe(1)
    expect(await count(`within_distance(geo_point_2d, ${point}, 11000)`)).toBe(0)
    const { results } = await records('batiments', {
      select: `geo_point_2d, distance(geo_point_2d, ${point}) as m`,
    })
    expect(results).toEqual([{ geo_point_2d: { lon, lat }, m: expect.closeTo(11_119.5, 0) }])
  })
})

it('the same question about a version is answered from memory, but not one for the time', async () => {
  let now = NOW
  const clock = { now: () => now, elapsed: () => now }
  let asked = 0
  const publication = publicationIn(join(hub.folder, 'publication'), hub.registry)
  const rows: typeof publication.rows = {
    ...publication.rows,
    ask: (...given) => {
      asked++
      return publication.rows.ask(...given)
    },
  }
  const other = await startHub({ publication: { ...publication, rows }, clock })
  const count = async (where: string) => {
    const address = `${ROOT}/datasets/fluides-jour/records?${new URLSearchParams({ where, limit: '0' })}`
    return (await other.json(address)).total_count
  }
  expect([await count('revision = 0'), await count('revision = 0')]).toEqual([DAYS, DAYS])
  expect(asked).toBe(1)
  expect(await count('debut > now(days=-3)')).toBe(2)
  now -= 86_400_000
  expect(await count('debut > now(days=-3)')).toBe(3)
  await other.close()
  await publication.close()
})

describe('what is wrong is named, in the shape of Opendatasoft', () => {
  it.each([
    ['/datasets/nothing', {}, 404, 'NotFoundResource', 'The requested dataset nothing does not exist.'],
    [
      '',
      { limit: '101' },
      400,
      'InvalidRESTParameterError',
      '101 was found but -1 <= limit <= 100 is expected.',
    ],
    ['', { offset: '9999', limit: '2' }, 400, 'InvalidRESTParameterError', 'offset + limit <= 10000'],
    ['', { limit: 'x' }, 400, 'InvalidRESTParameterError', 'for limit API parameter'],
    [
      '',
      { limt: '1' },
      400,
      'InvalidRESTParameterError',
      'Unknown API parameter: limt; there are select, where',
    ],
    ['', { timezone: 'Mars' }, 400, 'InvalidRESTParameterError', 'timezone API parameter: Mars'],
    ['', { lang: 'xx' }, 400, 'InvalidRESTParameterError', 'lang API parameter'],
    [
      '',
      { select: 'nope' },
      400,
      'ODSQLError',
      'Unknown field: nope. Clause(s) containing the error(s): select.',
    ],
    ['', { where: 'usage==1' }, 400, 'ODSQLSyntaxError', 'unexpected = at position 6 in usage==1. Clause(s)'],
    ['', { where: 'contains(usage, "x")' }, 400, 'ODSQLError', 'Unknown function: contains()'],
    ['', { where: 'surface > "a"' }, 400, 'ODSQLError', '"a" is compared with double'],
    ['', { where: 'geo_point_2d = 1' }, 400, 'ODSQLError', 'geo_point_2d is a position'],
    ['', { where: 'usage' }, 400, 'ODSQLError', 'Field usage is no condition'],
    ['', { where: "revision > date'2026-13-01'" }, 400, 'ODSQLError', '2026-13-01 is no date'],
    [
      '',
      { select: 'sum(usage)' },
      400,
      'ODSQLError',
      'StatAggregation only supports numeric or date expression.',
    ],
    ['', { select: 'usage, count(*)' }, 400, 'ODSQLError', 'usage is neither an aggregation nor in group_by'],
    ['', { group_by: 'range(usage, 1)' }, 400, 'ODSQLError', 'Field usage has no ranges'],
    ['', { order_by: 'nope' }, 400, 'ODSQLError', 'Clause(s) containing the error(s): order_by.'],
    ['', { refine: 'usage' }, 400, 'ODSQLError', 'not of the form field:value'],
    ['', { where: 'sum(surface) > 3' }, 400, 'ODSQLError', 'A condition is on rows'],
    ['', { order_by: 'count(*)' }, 400, 'ODSQLError', 'count(*) is an aggregation'],
    ['', { select: 'sum(sum(surface))' }, 400, 'ODSQLError', 'sum() takes no aggregation'],
    ['', { select: 'count(max(surface))' }, 400, 'ODSQLError', 'count() takes no aggregation'],
    [
      '',
      { select: 'sum(surface) - surface' },
      400,
      'ODSQLError',
      'is neither an aggregation nor in group_by',
    ],
    [
      '/datasets/fluides-jour/records',
      { where: "debut < date'9999-12-31T23:59:59Z'", timezone: 'Europe/Paris' },
      400,
      'ODSQLError',
      '9999-12-31T23:59:59Z is no date',
    ],
    [
      '/datasets/fluides-jour/records',
      { where: 'debut < now(years=8000)' },
      400,
      'ODSQLError',
      'A date is in the years from 0 to 9999',
    ],
    ['', { where: 'surface > 1e400' }, 400, 'ODSQLSyntaxError', '1e400 is too large a number'],
    ['', { where: `surface > 0${' + 1'.repeat(2400)}` }, 400, 'ODSQLSyntaxError', 'more than 200 operations'],
    [
      '/datasets/fluides-jour/records',
      { group_by: 'range(debut, 1 constructor)' },
      400,
      'ODSQLError',
      'The width of a range of time',
    ],
    [
      '/datasets/fluides-jour/records',
      { group_by: 'range(debut, 99999999999999999 d)' },
      400,
      'ODSQLError',
      'are more than can be counted',
    ],
    [
      '/datasets/fluides-jour/records',
      { select: `date_format(debut, '${'d '.repeat(1000)}') as d` },
      400,
      'ODSQLError',
      'at most 100 parts',
    ],
  ])('%s %j', async (path, parameters, status, code, message) => {
    expect(await refusal(path || '/datasets/batiments/records', parameters)).toEqual({
      ...{ status, error_code: code, message: expect.stringContaining(message) },
    })
  })

  it('but a number may be larger than any there is, and the most that may be written is worked out', async () => {
    const most = `surface > 0${' + 1'.repeat(200)} and ${'('.repeat(90)}surface > ${'-'.repeat(9)}1${')'.repeat(90)}`
    for (const where of ['surface < 99999999999999999999999', 'length(usage) < 1e30', most])
      expect((await records('batiments', { where })).total_count).toBeGreaterThan(0)
    const [{ x }] = (await records('batiments', { select: 'surface * 1e308 * 1e308 as x', limit: '1' }))
      .results
    expect(x).toBeNull()
  })

  it('and what has no version is not there', async () => {
    expect(await refusal('/datasets/stations-routieres/records')).toMatchObject({ status: 404 })
  })
})

async function readParquet(file: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(`SELECT * FROM '${file}'`)
  connection.closeSync()
  instance.closeSync()
  return reader.getRowObjects() as Record<string, unknown>[]
}

describe('exports', () => {
  const text = async (path: string, parameters: Record<string, string> = {}) =>
    Buffer.from(await (await ask(`/datasets/${path}`, parameters)).arrayBuffer()).toString()

  it('are all rows, or all results of a query', async () => {
    const rows = await json('/datasets/fluides-jour/exports/json')
    expect(rows).toHaveLength(DAYS)
    expect(rows).toEqual((await records('fluides-jour', { limit: '100' })).results)
    const asked = {
      where: 'consommation > 10.2',
      select: 'debut, consommation',
      order_by: 'debut desc',
      limit: '3',
    }
    const results = await json('/datasets/fluides-jour/exports/json', asked)
    expect(results).toEqual((await records('fluides-jour', asked)).results)
    expect(results).toHaveLength(3)
    const grouped = { select: 'count(*) as n', group_by: 'range(consommation, *, 10.1, *) as c' }
    expect(await json('/datasets/fluides-jour/exports/json', grouped)).toEqual(
      (await records('fluides-jour', grouped)).results,
    )
    const lines = (await text('fluides-jour/exports/jsonl', { limit: '2' })).trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual(rows.slice(0, 2))
    const hours = { select: 'debut', limit: '1', timezone: 'Europe/Paris' }
    expect(await json('/datasets/fluides-heure/exports/json', hours)).toEqual([
      { debut: '2026-10-24T00:00:00+02:00' },
    ])
  })

  it('are CSV as it is wanted', async () => {
    const asked = {
      select: 'nom_batiment as nom, consommation',
      where: "debut in (date'2026-10-24', date'2026-10-27')",
    }
    expect(await text('fluides-jour/exports/csv', asked)).toBe(
      "\uFEFFnom;consommation\r\nCollège d'essai;10\r\nCollège d'essai;\r\n",
    )
    const form = {
      delimiter: ',',
      quote_all: 'true',
      with_bom: 'false',
      use_labels: 'true',
      lang: 'en',
      limit: '1',
    }
    expect(await text('fluides-jour/exports/csv', { ...form, select: 'nom_batiment, revision' })).toBe(
      `"Building name","Revision"\r\n"Collège d'essai",0\r\n`,
    )
    const tooLarge = { select: 'surface * 1e308 * 1e308 as x, revision', with_bom: 'false', limit: '1' }
    expect(await text('batiments/exports/csv', tooLarge)).toBe('x;revision\r\n;0\r\n')
    expect(await text('batiments/exports/csv', { select: 'geo_point_2d', with_bom: 'false' })).toMatch(
      /^geo_point_2d\r\n[\d.]+, [\d.]+\r\n$/,
    )
    const packed = await ask('/datasets/fluides-jour/exports/csv', { ...asked, compressed: 'true' })
    expect(packed.headers.get('content-disposition')).toBe('attachment; filename="fluides-jour.csv.gz"')
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toMatch(/^\uFEFFnom;/)
  })

  it('are GeoJSON where there is a position, and Parquet', async () => {
    const { lat, lon } = hub.registry.sites.get('college')!.position
    const geojson = JSON.parse(
      await text('batiments/exports/geojson', { select: 'id_batiment, geo_point_2d' }),
    )
    expect(geojson).toEqual({
      type: 'FeatureCollection',
      features: [
        {
          ...{ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] } },
          properties: { id_batiment: 'college' },
        },
      ],
    })
    const bytes = async (path: string, parameters = {}) =>
      Buffer.from(await (await ask(`/datasets/${path}/exports/parquet`, parameters)).arrayBuffer())
    const file = Buffer.from(await (await hub.get('/open-data/batiments.parquet')).arrayBuffer())
    expect((await bytes('batiments')).equals(file)).toBe(true)
    const name = join(hub.folder, 'part.parquet')
    const asked = { select: 'debut, consommation, debut as again', where: 'consommation > 10.2' }
    await writeFile(name, await bytes('fluides-jour', asked))
    const rows = await readParquet(name)
    expect(rows).toHaveLength(8)
    expect(Object.keys(rows[0]!)).toEqual(['debut', 'consommation', 'again'])
    await writeFile(
      name,
      await bytes('batiments', { parquet_compression: 'snappy', select: 'geo_point_2d, usage' }),
    )
    expect(await readParquet(name)).toEqual([
      { geo_point_2d_lon: lon, geo_point_2d_lat: lat, usage: 'college' },
    ])
    const { links } = await json('/datasets/fluides-jour/exports')
    expect(links.map(({ rel }: { rel: string }) => rel)).toEqual(['csv', 'json', 'jsonl', 'parquet'])
    for (const format of ['geojson', 'shp'])
      expect(await refusal(`/datasets/fluides-jour/exports/${format}`)).toMatchObject({ status: 404 })
  })

  it('are closed where the client has gone before there was anything to send', async () => {
    const [arrived, released, closed] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ]
    const publication = publicationIn(join(hub.folder, 'publication'), hub.registry)
    const rows: typeof publication.rows = {
      ...publication.rows,
      async copy(...given) {
        arrived.resolve()
        await released.promise
        const copy = await publication.rows.copy(...given)
        return { ...copy, close: () => closed.resolve(copy.close()) }
      },
    }
    const other = await startHub({ publication: { ...publication, rows } })
    const gone = new AbortController()
    const asked = fetch(`${other.url}${ROOT}/datasets/fluides-jour/exports/json?order_by=fin`, {
      signal: gone.signal,
    })
    await arrived.promise
    gone.abort()
    await expect(asked).rejects.toThrow()
    released.resolve()
    await closed.promise
    await other.close()
    await publication.close()
  })

  it('are not sent to who has them', async () => {
    const asked = { where: 'revision = 0', timezone: 'Europe/Paris' }
    const { headers } = await ask('/datasets/fluides-jour/exports/csv', asked)
    const path = `${ROOT}/datasets/fluides-jour/exports/csv?${new URLSearchParams(asked)}`
    expect((await hub.get(path, { 'if-none-match': headers.get('etag')! })).status).toBe(304)
  })

  it.each(['csv', 'json', 'parquet'])('as %s are told of to who asks for their heads', async format => {
    const path = `${ROOT}/datasets/fluides-jour/exports/${format}`
    const [head, whole] = [await fetch(hub.url + path, { method: 'HEAD' }), await hub.get(path)]
    expect(head.status).toBe(200)
    for (const name of ['etag', 'content-type', 'content-disposition'])
      expect(head.headers.get(name)).toBe(whole.headers.get(name))
    expect(['0', '4']).not.toContain(head.headers.get('content-length'))
  })
})

describe('facets', () => {
  const facets = async (path: string, parameters: Record<string, string | string[]> = {}) => {
    const { facets } = await json(`${path}/facets`, parameters)
    return Object.fromEntries(
      facets.map(({ name, facets }: { name: string; facets: unknown }) => [name, facets]),
    )
  }

  it('are the values of texts and dates, with how many rows have them', async () => {
    const all = await facets('/datasets/fluides-jour')
    expect(all.qualite).toEqual([
      { name: 'mesuree', value: 'mesuree', count: 28, state: 'displayed' },
      { name: 'absente', value: 'absente', count: 1, state: 'displayed' },
    ])
    expect(all.debut).toEqual([{ name: '2026', value: '2026', count: DAYS, state: 'displayed' }])
    expect(Object.keys(all)).not.toContain('consommation')
    expect(
      await facets('/datasets/fluides-jour', { facet: 'qualite', where: "debut < date'2026-10-26'" }),
    ).toEqual({
      qualite: [{ name: 'mesuree', value: 'mesuree', count: 2, state: 'displayed' }],
    })
  })

  it('show what is refined and excluded, and of dates what is within', async () => {
    const refined = { refine: 'debut:2026/10', exclude: 'qualite:absente', facet: ['debut', 'qualite'] }
    const found = await facets('/datasets/fluides-jour', refined)
    expect(found.debut).toMatchObject([
      {
        ...{ value: '2026', state: 'refined' },
        facets: [{ name: '10', value: '2026/10', count: 7, state: 'refined', facets: { length: 7 } }],
      },
    ])
    expect(found.debut[0].facets[0].facets[0]).toEqual({
      name: '24',
      value: '2026/10/24',
      count: 1,
      state: 'displayed',
    })
    expect(found.qualite).toEqual([
      { name: 'mesuree', value: 'mesuree', count: 7, state: 'displayed' },
      { name: 'absente', value: 'absente', state: 'excluded' },
    ])
    const asked = 'facet(name="qualite", disjunctive=true, sort="alphanum", limit=1)'
    expect(await facets('/datasets/fluides-jour', { facet: asked, refine: 'qualite:mesuree' })).toEqual({
      qualite: [{ name: 'absente', value: 'absente', count: 1, state: 'displayed' }],
    })
  })

  it('are those of datasets, too', async () => {
    const { keyword, publisher } = await facets('', { where: 'dataset_id like "fluides"' })
    expect(publisher).toEqual([
      { name: 'Essai', value: 'Essai', count: keyword[0].count, state: 'displayed' },
    ])
    expect(keyword).toContainEqual({
      name: 'énergie',
      value: 'énergie',
      count: keyword[0].count,
      state: 'displayed',
    })
    expect(await json('/datasets/batiments/attachments')).toEqual({ links: [], attachments: [] })
  })

  it.each([
    ['facet(name="nope")', 'Unknown field: nope. Clause(s) containing the error(s): facet.'],
    ['facet(name="qualite", sort="up")', 'sort of facet() is one of count'],
    ['facet(name="qualite", depth=1)', 'depth is not taken by facet()'],
    ['facet(', 'unexpected end of query'],
  ])('%s is refused by name', async (facet, message) => {
    expect(await refusal('/datasets/fluides-jour/facets', { facet })).toMatchObject({
      ...{ status: 400, message: expect.stringContaining(message) },
    })
    for (const refine of ['qualite', 'nope:1', 'debut:x'])
      expect(await refusal('/datasets/fluides-jour/facets', { refine })).toMatchObject({ status: 400 })
  })
})

it('the catalogue is exported as JSON, CSV and DCAT', async () => {
  const datasets = await json('/exports/json')
  expect(datasets).toEqual((await json('/datasets', { limit: '100' })).results)
  const csv = await (
    await ask('/exports/csv', { select: 'dataset_id, keyword', where: 'dataset_id = "batiments"' })
  ).text()
  expect(csv).toMatch(/^dataset_id;keyword\r\nbatiments;bâtiments publics,patrimoine,[^;]*\r\n$/)
  const turtle = await ask('/exports/ttl')
  expect(turtle.headers.get('content-type')).toMatch('text/turtle')
  expect(await turtle.text()).toContain('dcat:Catalog')
  expect(await (await ask('/exports/dcat')).text()).toContain('<rdf:RDF')
  expect((await json('/exports')).links.map(({ rel }: { rel: string }) => rel)).toEqual([
    'csv',
    'json',
    'rdf',
    'dcat',
    'ttl',
  ])
  expect(await refusal('/exports/rdf', { where: 'a' })).toMatchObject({
    status: 400,
    message: expect.stringContaining('where'),
  })
})

describe('the client of Opendatasoft', () => {
  const require = createRequire(import.meta.url)
  const sdk: typeof import('@opendatasoft/api-client') = require('@opendatasoft/api-client')
  const { all, ApiClient, dateTime, exactMatch, field, fromCatalog, list, lower, not, one } = sdk
  const client = () => new ApiClient({ domain: hub.url })

  it('lists, asks and exports with the queries that it builds', async () => {
    const catalogue = await client().get<{ results: { dataset_id: string }[] }>(
      fromCatalog()
        .datasets()
        .where(sdk.textSearch('patrimoine', ['keyword', 'title'])),
    )
    expect(catalogue.results.map(({ dataset_id }) => dataset_id)).toEqual(['batiments'])
    const dataset = fromCatalog().dataset('fluides-heure')
    expect(await client().get(dataset.itself())).toMatchObject({ dataset_id: 'fluides-heure' })

    const conditions = all(
      exactMatch('fluide', 'electricite'),
      `${field('debut')} >= ${dateTime(new Date(Date.UTC(2026, 9, 24)))}`,
      one(sdk.textStartWith('COLL', ['nom_batiment']), sdk.textSuggest('essai')),
      not('consommation is null'),
    )
    const asked = dataset
      .records()
      .select(list('debut', 'consommation'))
      .where(conditions)
      .orderBy('-debut')
      .limit(2)
    expect(await client().get(asked)).toEqual({
      total_count: 47,
      results: [
        { debut: '2026-10-25T22:00:00+00:00', consommation: 10.48 },
        { debut: '2026-10-25T21:00:00+00:00', consommation: 10.47 },
      ],
    })
    const grouped = dataset
      .records()
      .select('count(*) as n')
      .groupBy(lower('nom_batiment'))
      .refine('qualite:mesuree')
    expect(await client().get(grouped)).toEqual({
      results: [{ 'lower(nom_batiment)': "collège d'essai", n: 49 }],
    })
    expect(await client().get(dataset.export('json').where(conditions))).toHaveLength(47)
    expect(await client().get(dataset.facets().facet('qualite'))).toMatchObject({
      facets: [{ name: 'qualite' }],
    })
  })

  it('knows what it did wrong by the answer', async () => {
    const wrong = client().get(fromCatalog().dataset('batiments').records().select('nope'))
    await expect(wrong).rejects.toThrow('Unknown field: nope')
    await expect(wrong).rejects.toBeInstanceOf(sdk.UserError)
    await expect(client().get(fromCatalog().dataset('nothing').itself())).rejects.toBeInstanceOf(
      sdk.NotFoundError,
    )
  })
})
