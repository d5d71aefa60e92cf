import { Readable } from 'node:stream'
import type { Quad } from '@rdfjs/types'
import { JsonLdParser } from 'jsonld-streaming-parser'
import { Parser } from 'n3'
import { isomorphic } from 'rdf-isomorphic'
import { RdfXmlParser } from 'rdfxml-streaming-parser'
import { expect, it } from 'vitest'
import { type CatalogueRequest, type ToldDataset, writeCatalogue } from '../../publication/catalogue.ts'
import { dataServices } from '../../publication/data-services.ts'
import { DATASETS } from '../../publication/datasets.ts'
import type { Version } from '../../publication/version.ts'
import { building, registry } from '../fluids/territory.ts'

const BASE = 'https://donnees.brenne.example'
const HYDRA = 'http://www.w3.org/ns/hydra/core#'
const plain = registry([building('station', { kind: 'road-station' })], [])
const territory = {
  ...plain.territory,
  name: { fr: 'Brenne & "Berry" <été>\r\nfin', en: 'Brenne' },
}

const told: ToldDataset[] = DATASETS.map(dataset => ({
  dataset,
  issued: '2026-11-01T00:00:00.000Z',
  version: {
    ...{ dataset: dataset.id, version: 3, publishedAt: '2026-11-03T00:00:00.000Z', software: '0.0.0' },
    ...{ schema: dataset.schema.version, registry: '', since: 2, rows: 1 },
    period: { start: '2026-10-01', end: '2026-10-31' },
    changes: { added: 1, revised: 0, withdrawn: 0 },
    files: ['.csv', '.csv.gz', '.csv.br', '.parquet', '.jsonl', '.geojson'].map(suffix => ({
      ...{ name: dataset.id + suffix, mediaType: 'text/csv', bytes: 12, sha256: 'ab'.repeat(32) },
    })),
  } satisfies Version,
}))

function write(request: Partial<CatalogueRequest>): string | undefined {
  const whole: CatalogueRequest = { format: 'ttl', profile: 'udata', page: 1, pageSize: 100, ...request }
  return writeCatalogue(territory, told, dataServices(plain), BASE, whole)
}

const PARSERS = {
  ttl: (text: string) => new Parser().parse(text) as Quad[],
  jsonld: (text: string) => readAll(text, new JsonLdParser()),
  rdf: (text: string) => readAll(text, new RdfXmlParser()),
}

async function readAll(text: string, parser: NodeJS.ReadWriteStream): Promise<Quad[]> {
  return (Readable.from([text]).pipe(parser) as unknown as Readable).toArray()
}

async function read(request: Partial<CatalogueRequest> & Pick<CatalogueRequest, 'format'>) {
  return PARSERS[request.format](write(request)!)
}

const values = (quads: Quad[], predicate: string) =>
  quads.filter(quad => quad.predicate.value === predicate).map(({ object }) => object)

it('holds the same triples in each format, in both profiles', async () => {
  for (const profile of ['udata', 'strict'] as const) {
    const [turtle, jsonLd, rdfXml] = await Promise.all(
      (['ttl', 'jsonld', 'rdf'] as const).map(async format => {
        const quads = await read({ format, profile })
        expect(values(quads, 'http://purl.org/dc/terms/title')[0]!.value).toBe(
          'Données ouvertes – Brenne & "Berry" <été>\r\nfin',
        )
        // Each format leads to pages of its own.
        return quads.filter(
          ({ subject, predicate, object }) => !/page=/.test(subject.value + object.value) && predicate,
        )
      }),
    )
    expect(turtle!.length).toBeGreaterThan(300)
    expect(isomorphic(turtle!, jsonLd!), profile).toBe(true)
    expect(isomorphic(turtle!, rdfXml!), profile).toBe(true)
  }
})

it('has checksums and languages as the profile wants them', async () => {
  const CHECKSUM = 'http://spdx.org/rdf/terms#checksumValue'
  const datatypes = async (profile: 'udata' | 'strict') =>
    new Set(
      values(await read({ format: 'ttl', profile }), CHECKSUM).map(term =>
        term.termType === 'Literal' ? term.datatype.value : '',
      ),
    )
  expect(await datatypes('udata')).toEqual(new Set(['http://www.w3.org/2001/XMLSchema#string']))
  expect(await datatypes('strict')).toEqual(new Set(['http://www.w3.org/2001/XMLSchema#hexBinary']))
  const titles = values(await read({ format: 'rdf', profile: 'strict' }), 'http://purl.org/dc/terms/title')
  expect(titles).toContainEqual(expect.objectContaining({ value: 'Open data – Brenne', language: 'en' }))
})

it('leads from page to page, in the same format and profile, and each dataset stands on one', async () => {
  const seen: string[] = []
  const services: string[] = []
  let page: number | undefined = 1
  while (page !== undefined) {
    const quads = await read({ format: 'rdf', profile: 'strict', page, pageSize: 2 })
    seen.push(...values(quads, 'http://www.w3.org/ns/dcat#dataset').map(({ value }) => value))
    services.push(...values(quads, 'http://www.w3.org/ns/dcat#service').map(({ value }) => value))
    const [next] = values(quads, `${HYDRA}next`)
    page = next && Number(/[?&]page=(\d+)/.exec(next.value)![1])
    if (next) expect(next.value).toBe(`${BASE}/open-data/catalog.rdf?profile=strict&page=${page}&page_size=2`)
    expect(values(quads, `${HYDRA}totalItems`)[0]!.value).toBe(String(DATASETS.length))
  }
  expect(seen).toEqual(DATASETS.map(({ id }) => `${BASE}/open-data/catalog#${id}`))
  expect(services).toEqual(
    ['lignes', 'changements', 'explore', 'sensorthings', 'meteo-routiere', 'datex2'].map(
      id => `${BASE}/open-data/catalog#${id}`,
    ),
  )
  expect(write({ page: 2 })).toBeUndefined()
})
