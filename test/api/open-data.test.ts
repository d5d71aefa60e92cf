import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATASETS } from '../../publication/datasets.ts'
import { firstStart } from '../../publication/first-start.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { dueAfter } from '../../publication/schedule.ts'
import type { Registry } from '../../registry/registry.ts'
import { publicationIn, sourcesOf, withoutShares } from '../publication/files.ts'
import { type Hub, startHub } from './hub.ts'

let hub: Hub
const DAY = 86_400_000
const START = Date.UTC(2026, 9, 31, 23)

/** Publishes what the hub's figures are, as if it were that many days after the first of November. */
async function publishOn(day: number, registry: Registry = hub.registry) {
  const folder = join(hub.folder, 'publication')
  const published = openPublished(folder)
  const context = {
    registry: withoutShares(registry),
    now: START + day * DAY,
    sources: sourcesOf(hub.figures),
  }
  return publish({ datasets: DATASETS, context, published, folder, software: '0.0.0' })
}

beforeAll(async () => {
  hub = await startHub()
  const [meter] = [...hub.registry.meters.values()].filter(
    ({ site }) => hub.registry.sites.get(site)?.openData,
  )
  const figures = Array.from({ length: 40 }, (_, n) => ({
    ...{ start: START + n * DAY, end: START + (n + 1) * DAY, amount: 100 + n, coveredMs: DAY, readings: 24 },
  }))
  await hub.figures.replace(meter!.id, 'day', 0, START + 40 * DAY, figures)
  await publishOn(35)
})
afterAll(() => hub.close())

const FILE = '/open-data/fluides-jour.csv'
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())
/** A request that takes no encoding but those it names. */
const get = (path: string, headers: Record<string, string> = {}) =>
  hub.get(path, { 'accept-encoding': 'identity', ...headers })

describe('a published file', () => {
  it('is sent with what a cache and a checker need', async () => {
    const response = await get(FILE)
    const { headers } = response
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(headers.get('content-disposition')).toBe('attachment; filename="fluides-jour.csv"')
    expect(headers.get('cache-control')).toBe('public, max-age=60')
    expect(headers.get('last-modified')).toBe(new Date(START + 35 * DAY).toUTCString())
    expect(headers.get('vary')).toContain('Accept-Encoding')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    const body = await bytesOf(response)
    expect(headers.get('content-length')).toBe(String(body.length))
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', body)).toString('base64')
    expect(headers.get('repr-digest')).toBe(`sha-256=:${digest}:`)
    expect(body.toString()).toMatch(/^id_batiment,.*\r\n(.*\r\n){35}$/)
  })

  it('is not sent to who has it', async () => {
    const { headers } = await get(FILE)
    const [tag, modified] = [headers.get('etag')!, headers.get('last-modified')!]
    const status = async (given: Record<string, string>) => (await get(FILE, given)).status
    expect(await status({ 'if-none-match': tag })).toBe(304)
    expect(await status({ 'if-none-match': `"other", W/${tag}` })).toBe(304)
    expect(await status({ 'if-modified-since': modified })).toBe(304)
    expect(await status({ 'if-none-match': '"other"', 'if-modified-since': modified })).toBe(200)
    expect(await status({ 'if-modified-since': new Date(START).toUTCString() })).toBe(200)
    for (const path of [FILE, '/open-data/datapackage.json']) {
      const encoding = { 'accept-encoding': 'identity' }
      const known = { ...encoding, 'if-none-match': (await get(path, encoding)).headers.get('etag')! }
      const head = await fetch(hub.url + path, { method: 'HEAD', headers: known })
      expect([head.status, head.headers.get('content-length')]).toEqual([304, null])
    }
  })

  it('is sent in ranges, across its parts', async () => {
    const whole = await bytesOf(await get(FILE))
    const tag = (await get(FILE)).headers.get('etag')!
    for (const [range, first, last] of [
      ['bytes=0-9', 0, 9],
      ['bytes=100-', 100, whole.length - 1],
      ['bytes=-7', whole.length - 7, whole.length - 1],
      [`bytes=10-${whole.length + 5}`, 10, whole.length - 1],
      [`bytes=5-${whole.length - 6}`, 5, whole.length - 6],
    ] as const) {
      const response = await get(FILE, { range })
      expect(response.status, range).toBe(206)
      expect(response.headers.get('content-range'), range).toBe(`bytes ${first}-${last}/${whole.length}`)
      expect((await bytesOf(response)).equals(whole.subarray(first, last + 1)), range).toBe(true)
    }
    expect((await get(FILE, { range: `bytes=${whole.length}-` })).status).toBe(416)
    expect((await get(FILE, { range: 'bytes=-0' })).status).toBe(416)
    expect((await get(FILE, { range: 'bytes=9-5' })).status).toBe(200)
    expect((await get(FILE, { range: 'bytes=0-1,3-4' })).status).toBe(200)
    expect((await get(FILE, { range: 'bytes=0-1', 'if-range': tag })).status).toBe(206)
    expect((await get(FILE, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
  })

  it('is sent compressed to who takes that, ready-made', async () => {
    const whole = await bytesOf(await get(FILE))
    const sent = await get(FILE, { 'accept-encoding': 'gzip;q=0.5, br;q=0' })
    expect(sent.headers.get('content-encoding')).toBe('gzip')
    expect((await bytesOf(sent)).equals(whole)).toBe(true)
    expect((await get(FILE, { 'accept-encoding': 'br, gzip' })).headers.get('content-encoding')).toBe('br')
    expect(sent.headers.get('etag')).not.toBe((await get(FILE)).headers.get('etag'))
    expect(gunzipSync(await bytesOf(await get(`${FILE}.gz`))).equals(whole)).toBe(true)
  })

  it('answers a HEAD as a GET, without the bytes', async () => {
    const told = ({ headers }: Response) =>
      ['etag', 'content-type', 'content-length', 'repr-digest'].map(name => headers.get(name))
    for (const file of [FILE, '/open-data/fluides-jour.parquet', '/open-data/batiments.geojson']) {
      const headers = { 'accept-encoding': 'identity' }
      const head = await fetch(hub.url + file, { method: 'HEAD', headers })
      const whole = await get(file, headers)
      expect({ file, status: head.status, told: told(head) }).toEqual({
        ...{ file, status: 200, told: told(whole) },
      })
      expect(await head.text()).toBe('')
      expect(String((await bytesOf(whole)).length)).toBe(head.headers.get('content-length'))
    }
  })

  it('is named when there is none', async () => {
    const problem = async (path: string) => (await hub.json(path)).detail as string
    expect(await problem('/open-data/wasser.csv')).toBe(
      'There is no file wasser.csv; the catalogue names those there are.',
    )
    expect(await problem('/open-data/fluides-jour.geojson')).toMatch(
      /^fluides-jour has no file fluides-jour\.geojson; it has fluides-jour\.csv, /,
    )
    expect(await problem('/open-data/fluides-annee.csv')).toBe('fluides-annee has not been published yet.')
    expect((await get('/open-data/..%2f..%2fetc%2fpasswd')).status).toBe(400)
  })
})

describe('changes', () => {
  it('are pages of what to do, and an ended cursor says what to do instead', async () => {
    const page = await hub.json('/open-data/changes?dataset=batiments&limit=1')
    expect(page.changes).toHaveLength(1)
    expect(page.changes[0]).toMatchObject({ type: 'new', row: { revision: 0 } })
    expect((await hub.get(`/open-data/changes?dataset=batiments&since=${page.next}`)).status).toBe(200)
    const ended = await hub.get('/open-data/changes?dataset=batiments&since=bm9wZQ')
    expect(ended.status).toBe(410)
    expect(await ended.json()).toMatchObject({
      detail: expect.stringContaining('begin again without `since`'),
    })
    expect((await hub.get('/open-data/changes?dataset=wasser')).status).toBe(404)
    expect((await hub.get('/open-data/changes?dataset=batiments&limit=0')).status).toBe(400)
  })

  it('of all datasets come with one cursor, and replayed from zero are their files', async () => {
    const copies: Record<string, object[]> = {}
    const pageAfter = (cursor: string) =>
      hub.json(`/open-data/changes?limit=7${cursor && `&since=${cursor}`}`) as Promise<{
        changes: { dataset: string; row: object }[]
        next: string
        more: boolean
      }>
    let page = await pageAfter('')
    for (; ; page = await pageAfter(page.next)) {
      for (const { dataset, row } of page.changes) copies[dataset] = [...(copies[dataset] ?? []), row]
      if (!page.more) break
      expect(page.changes.length).toBeLessThanOrEqual(7)
    }
    expect(Object.keys(copies)).toEqual(['fluides', 'fluides-jour', 'batiments'])
    for (const [dataset, rows] of Object.entries(copies)) {
      const lines = (await (await get(`/open-data/${dataset}.jsonl`)).text()).trimEnd().split('\n')
      expect(rows, dataset).toEqual(lines.map(line => JSON.parse(line)))
    }
    expect(await pageAfter(page.next)).toEqual({ changes: [], next: page.next, more: false })
    const ofOne = await hub.json('/open-data/changes?dataset=batiments')
    for (const cursor of [ofOne.next, Buffer.from('batiments:bm9wZQ').toString('base64url')])
      expect((await get(`/open-data/changes?since=${cursor}`)).status).toBe(410)
  })
})

describe('what harvesters of CKAN ask', () => {
  const action = (path: string) => hub.json(`/api/3/action/${path}`)

  it('is answered in its shape, with the files as resources', async () => {
    const names = ['fluides', 'fluides-jour', 'batiments']
    expect(await action('package_list')).toMatchObject({ success: true, result: names })
    expect((await action('package_list?limit=1&offset=1')).result).toEqual(['fluides-jour'])
    const { result } = await action('package_show?id=fluides-jour')
    expect(result).toMatchObject({
      ...{ name: 'fluides-jour', state: 'active', private: false, license_id: 'etalab-2.0', isopen: true },
      organization: { name: 'territoire', is_organization: true },
    })
    const csv = result.resources.find(({ id }: { id: string }) => id === 'fluides-jour.csv')
    const whole = await bytesOf(await get(FILE))
    expect(csv).toMatchObject({ format: 'CSV', mimetype: 'text/csv', size: whole.length })
    expect(csv.url).toBe(`https://hub.example${FILE}`)
    const found = await action('package_search?q=*:*&rows=2&start=2')
    expect(found.result).toMatchObject({ count: 3, results: [{ name: 'batiments' }] })
    expect((await action('organization_show?id=territoire')).result).toMatchObject({ package_count: 3 })
  })

  it('that is wrong is answered in its shape, too', async () => {
    expect((await get('/api/3/action/package_show?id=wasser')).status).toBe(404)
    expect(await action('package_show?id=wasser')).toEqual({
      success: false,
      error: { __type: 'Not Found Error', message: 'Not found' },
    })
    expect((await get('/api/3/action/package_show')).status).toBe(409)
    expect((await action('package_search?fq=x&rows=-1')).error).toMatchObject({
      ...{ __type: 'Validation Error', fq: ['is not a parameter here'], rows: [expect.any(String)] },
    })
  })
})

describe('meta.csv', () => {
  it('names the datasets and their files as the harvester of Opendatasoft reads them', async () => {
    const response = await get('/open-data/meta.csv')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const rows = parse(await response.text(), { delimiter: ';', columns: true }) as Record<string, string>[]
    expect(rows.map(row => row.source_dataset)).toEqual(['fluides.csv', 'fluides-jour.csv', 'batiments.csv'])
    expect(Object.keys(rows[0]!).join(';')).toBe(
      'name;title;description;theme;keyword;source_dataset;schema_file',
    )
    expect(rows[0]!.keyword!.split(';')).toContain('énergie')
  })
})

describe('rows', () => {
  const rows = '/open-data/fluides-jour/rows'
  const problem = async (query: string) => (await hub.json(`${rows}?${query}`)).errors[0]

  it('are those that meet every condition, in the order of the file, page by page', async () => {
    const address = `${rows}?debut__greater=2026-11-03&debut__strictly_less=2026-11-06&columns=debut,consommation,revision`
    const { rows: found, next, version } = await hub.json(address)
    expect({ found, next, version }).toEqual({
      found: [
        { debut: '2026-11-03', consommation: 1.02, revision: 0 },
        { debut: '2026-11-04', consommation: 1.03, revision: 0 },
        { debut: '2026-11-05', consommation: 1.04, revision: 0 },
      ],
      ...{ next: null, version: 1 },
    })
    const days: string[] = []
    let page = `${rows}?page_size=10&id_batiment__in=college,gymnase&consommation__isnotnull=&columns=debut`
    while (page) {
      const answer = await hub.json(page)
      days.push(...answer.rows.map(({ debut }: { debut: string }) => debut))
      page = answer.next?.slice('https://hub.example'.length)
    }
    expect(days).toHaveLength(35)
    expect(days).toEqual([...new Set(days)].sort())
    expect((await hub.json(`${rows}?id_batiment__exact=${encodeURIComponent("x' OR 1=1 --")}`)).rows).toEqual(
      [],
    )
  })

  it('name the parameter that is wrong and what is allowed', async () => {
    expect(await problem('id_batiment=college')).toMatchObject({
      name: 'id_batiment',
      allowed: expect.arrayContaining(['columns', 'id_batiment__exact', 'fluide__in', 'debut__greater']),
    })
    expect(await problem('debut__like=x')).toMatchObject({
      allowed: expect.not.arrayContaining(['fluide__exact']),
    })
    expect(await problem('constructor__exact=x')).toMatchObject({ name: 'constructor__exact' })
    expect(await problem('debut__constructor=x')).toMatchObject({ name: 'debut__constructor' })
    expect(await problem('debut__exact=2026-02-30')).toMatchObject({
      detail: 'write a date like 2026-10-01, not 2026-02-30',
    })
    expect(await problem('consommation__less=1e5')).toMatchObject({ name: 'consommation__less' })
    expect(await problem('columns=debut,jour')).toMatchObject({
      detail: 'there is no column jour',
      allowed: expect.arrayContaining(['debut', 'fin']),
    })
    expect(await problem('debut__exact=2026-11-01&debut__exact=2026-11-02')).toMatchObject({
      detail: 'stands more than once',
    })
    expect(await problem('page_size=10001')).toMatchObject({ name: 'page_size' })
    expect((await get('/open-data/wasser/rows')).status).toBe(404)
    expect((await get('/open-data/fluides-annee/rows')).status).toBe(404)
    expect((await get(`${rows}?cursor=bm9wZQ`)).status).toBe(410)
    expect((await get(`${rows}?cursor=${Buffer.from('9.1').toString('base64url')}`)).status).toBe(410)
  })
})

describe('the catalogue', () => {
  const typeOf = async (path: string, accept?: string) => {
    const response = await fetch(hub.url + path, { method: 'HEAD', headers: { accept: accept ?? '*/*' } })
    return [response.status, response.headers.get('content-type')]
  }

  it('is in the format that is asked for, by its address or by Accept, also in a HEAD', async () => {
    const [turtle, jsonLd, rdfXml] = ['text/turtle', 'application/ld+json', 'application/rdf+xml'].map(
      type => [200, `${type}; charset=utf-8`],
    )
    expect(await typeOf('/open-data/catalog.ttl')).toEqual(turtle)
    expect(await typeOf('/open-data/catalog.jsonld', 'text/turtle')).toEqual(jsonLd)
    expect(await typeOf('/open-data/catalog.rdf')).toEqual(rdfXml)
    expect(await typeOf('/open-data/catalog')).toEqual(jsonLd)
    expect(await typeOf('/open-data/catalog', 'text/turtle, application/rdf+xml;q=0.9')).toEqual(turtle)
    expect(await typeOf('/open-data/catalog', 'text/*;q=0.1, application/rdf+xml;q=0.2')).toEqual(rdfXml)
    expect(await typeOf('/open-data/catalog', 'application/json')).toEqual(jsonLd)
    expect(await typeOf('/open-data/catalog', 'application/ld+json;q=0, */*;q=0.1')).toEqual(turtle)
    const { headers } = await get('/open-data/catalog?profile=strict', { accept: 'text/turtle' })
    expect(headers.get('vary')).toContain('Accept')
    expect(headers.get('content-location')).toBe('/open-data/catalog.ttl?profile=strict')
    const again = await get('/open-data/catalog', { 'if-none-match': '"x", *' })
    expect(again.status).toBe(200)
    const tag = `W/${again.headers.get('etag')}`
    expect((await get('/open-data/catalog', { 'if-none-match': `"x", ${tag}` })).status).toBe(304)
  })

  it('says what it can be where none of it is asked for', async () => {
    const refused = await get('/open-data/catalog', { accept: 'text/html' })
    expect(refused.status).toBe(406)
    expect(refused.headers.get('vary')).toContain('Accept')
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('text/turtle') })
    expect((await get('/open-data/catalog.ttl?page=2')).status).toBe(404)
    const { errors } = await hub.json('/open-data/catalog.ttl?profile=loose')
    expect(errors).toMatchObject([{ name: 'profile', allowed: ['udata', 'strict'] }])
  })
})

describe('what describes the files', () => {
  it('is the catalogue, the package and the schemas', async () => {
    const { resources } = await hub.json('/open-data/datapackage.json')
    expect((resources as { name: string }[]).map(({ name }) => name)).toEqual([
      'fluides',
      'fluides-jour',
      'batiments',
    ])
    for (const document of ['schema.json', 'README.md', 'CHANGELOG.md'])
      expect((await hub.get(`/open-data/schemas/fluides/1.1.0/${document}`)).status, document).toBe(200)
    expect((await hub.get('/open-data/schemas/fluides/9.0.0/README.md')).status).toBe(404)
  })
})

describe('versions', () => {
  it('keep their own addresses, and the stable one gives the newest', async () => {
    const first = await bytesOf(await get(FILE))
    await publishOn(36)
    const later = await serveAgain()
    const newest = await bytesOf(await later.get(FILE, { 'accept-encoding': 'identity' }))
    const of = (version: number) =>
      later.get(`/open-data/fluides-jour/versions/${version}/fluides-jour.csv`, {
        'accept-encoding': 'identity',
      })
    expect((await bytesOf(await of(1))).equals(first)).toBe(true)
    expect((await bytesOf(await of(2))).equals(newest)).toBe(true)
    expect(newest.equals(first)).toBe(false)
    expect((await of(1)).headers.get('cache-control')).toBe('public, max-age=3600')
    expect((await of(3)).status).toBe(404)
    const { versions } = await later.json('/open-data/fluides-jour/versions')
    expect(versions).toMatchObject([
      { version: 2, rows: 36, withdrawn: null },
      { version: 1, rows: 35, period: { start: '2026-11-01', end: '2026-12-05' } },
    ])
    const told = await later.get('/open-data/fluides-jour/versions/2')
    expect(await told.json()).toMatchObject({ dataset: 'fluides-jour', version: 2, since: 1 })
    const { resources } = await later.json('/open-data/fluides-jour/versions/1/datapackage.json')
    expect(resources).toMatchObject([
      { name: 'fluides-jour', path: expect.stringMatching(/versions\/1\/fluides-jour\.csv$/) },
    ])
    await later.close()
  })

  it.each(['/open-data/manifest.json', '/open-data/duties.json', '/open-data/fluides-jour/versions'])(
    'say nothing twice to who asks again: %s',
    async path => {
      const { status, headers } = await get(path)
      expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=60'])
      const again = await get(path, { 'if-none-match': headers.get('etag')! })
      expect([again.status, await again.text()]).toEqual([304, ''])
    },
  )

  it('are late two hours after they were due, also what never was published since the hub was there', async () => {
    const folder = join(hub.folder, 'publication')
    const [published, clock] = [START + 36 * DAY, { now: () => published, elapsed: () => 0 }]
    expect(firstStart(folder, { now: () => START + 20 * DAY })).toBe(START + 20 * DAY)
    rmSync(join(folder, 'fluides-annee', 'checked.json'))
    const publication = publicationIn(folder, hub.registry, undefined, checkedAt =>
      dueAfter(checkedAt ?? firstStart(folder, clock), ['05:00'], hub.registry.territory.timeZone),
    )
    const later = await startHub({ publication, clock })
    const told = async () => {
      const { datasets } = await later.json('/open-data/manifest.json')
      return datasets as { id: string; late: boolean; lastCompleteDay: string | null }[]
    }
    const late = async () => (await told()).filter(dataset => dataset.late).map(({ id }) => id)
    expect(await late()).toEqual(['fluides-annee'])
    clock.now = () => published + 7.1 * 3_600_000
    expect(await late()).toEqual(DATASETS.map(({ id }) => id))
    const lastDays = (await told()).map(({ id, lastCompleteDay }) => [id, lastCompleteDay])
    expect(Object.fromEntries(lastDays)).toMatchObject({
      ...{ 'fluides-jour': '2026-12-06', fluides: '2026-11-30', batiments: null, 'alertes-routes': null },
    })
    await later.close()
  })

  it('that were withdrawn say so and why, and the manifest tells where each dataset stands', async () => {
    const sites = new Map([...hub.registry.sites].map(([id, site]) => [id, { ...site, openData: false }]))
    const closed = { ...hub.registry, sites, hash: 'other' }
    await publishOn(37, closed)
    const later = await serveAgain()
    const response = await later.get('/open-data/fluides-jour/versions/1/fluides-jour.csv')
    expect(response.status).toBe(410)
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(
        /^Version 1 of fluides-jour was withdrawn at 2026-12-07T23:00:00.000Z\. This version held data/,
      ),
    })
    expect((await later.get('/open-data/fluides-jour/versions/1')).status).toBe(410)
    const { datasets } = await later.json('/open-data/manifest.json')
    const told = (dataset: string) => (datasets as { id: string }[]).find(({ id }) => id === dataset)
    expect(told('fluides-jour')).toMatchObject({
      ...{ version: 3, rows: 0, lastCompleteDay: null, late: false, checkedAt: '2026-12-07T23:00:00.000Z' },
    })
    expect(told('fluides-annee')).toMatchObject({
      version: null,
      publishedAt: null,
    })
    await later.close()
  })
})

/** The same publication, as another process tells it that has read it just now. */
function serveAgain() {
  return startHub({ publication: publicationIn(join(hub.folder, 'publication'), hub.registry) })
}
