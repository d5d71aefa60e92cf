import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { StreamPosition } from '../../model/delivery.ts'
import { DATASETS } from '../../publication/datasets.ts'
import { describeProvenance, extentOf, positionsText } from '../../publication/provenance.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { temporaryFolder } from '../bus/fixtures.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const BASE = 'https://donnees.brenne.example'
const SCHEMA = `${BASE}/open-data/schemas/batiments/1.0.0/schema.json`
const POSITIONS: StreamPosition[] = [
  { sender: 'gw-foyer', stream: 'measures', run: 'b2', upTo: 12, ranges: [[14, 15]] },
  { sender: 'gw-college', stream: 'indexes', run: 'a1', upTo: 2000, ranges: [] },
]

async function publishBuildings() {
  const folder = temporaryFolder()
  const published = openPublished(folder)
  const datasets = DATASETS.filter(({ id }) => id === 'batiments')
  const version = async (name: string, number: number) => {
    const territory = registry([building('college', { name })], [])
    const now = Date.UTC(2026, 10, number)
    const context = { registry: territory, now, sources: sourcesOf(memoryFigures()) }
    await publish({ ...{ datasets, context, published, folder }, software: '1.2.3', positions: POSITIONS })
    return { territory, published: published.latest('batiments')! }
  }
  return {
    first: await version('Collège', 1),
    second: await version('Collège Rabelais', 2),
    makeup: published.makeup,
  }
}

describe('the provenance of a version', () => {
  it('says which readings, which registry and which software, and names no gateway', async () => {
    const { second, makeup } = await publishBuildings()
    const { version, text } = second.published
    const sha256 = createHash('sha256').update(positionsText(POSITIONS)).digest('hex')
    expect(version).toMatchObject({ software: '1.2.3', readings: { streams: 2, sha256 } })
    expect(makeup(version).positions).toEqual(POSITIONS)
    const told = describeProvenance(second.territory.territory, version, { baseUrl: BASE, schemaUrl: SCHEMA })
    expect(text + JSON.stringify(told)).not.toMatch(/gw-/)

    const nodes = told['@graph'] as Record<string, unknown>[]
    const address = `${BASE}/open-data/batiments/versions/2`
    const node = (id: string) => nodes.find(({ '@id': known }) => known === id)
    expect(node(address)).toMatchObject({
      'prov:wasRevisionOf': { '@id': `${BASE}/open-data/batiments/versions/1` },
      'prov:generatedAtTime': { '@value': '2026-11-02T00:00:00.000Z' },
      'prov:hadMember': version.files.map(({ name }) => ({ '@id': `${address}/${name}` })),
    })
    const own = (name: string) => `${address}/provenance.jsonld#${name}`
    expect(node(own('publication'))).toMatchObject({
      'prov:used': [{ '@id': own('readings') }, { '@id': own('registry') }, { '@id': SCHEMA }],
      'prov:wasAssociatedWith': [{ '@id': own('software') }, { '@id': own('publisher') }],
    })
    expect(node(own('readings'))).toMatchObject({ 'spdx:checksum': { 'spdx:checksumValue': sha256 } })
    expect(node(own('registry'))).toMatchObject({
      'spdx:checksum': { 'spdx:checksumValue': second.territory.hash },
    })
    expect(node(own('software'))).toMatchObject({ 'dct:title': 'Affluent 1.2.3' })
    for (const { name, sha256: sum } of version.files)
      expect(node(`${address}/${name}`)).toMatchObject({ 'spdx:checksum': { 'spdx:checksumValue': sum } })
  })

  it('refers to nothing of its own that it does not tell of, and uses no prefix that its context lacks', async () => {
    const { first } = await publishBuildings()
    const { version } = first.published
    const told = describeProvenance(first.territory.territory, version, { baseUrl: BASE, schemaUrl: SCHEMA })
    const nodes = told['@graph'] as Record<string, unknown>[]
    const ids = new Set(nodes.map(({ '@id': id }) => id))
    const text = JSON.stringify(nodes)
    const referred = [...text.matchAll(/"@id":"([^"]*versions[^"]*)"/g)].map(match => match[1])
    expect(referred.filter(id => !ids.has(id))).toEqual([])
    expect(text).not.toContain('prov:wasRevisionOf')
    const prefixes = new Set([...text.matchAll(/"([a-z]+):[A-Za-z]+"/g)].map(match => match[1]!))
    expect([...prefixes].filter(prefix => !(prefix in (told['@context'] as object)))).toEqual([])
  })

  it('has the same hash for the same positions, in whatever order', () => {
    expect(extentOf(POSITIONS.toReversed())).toEqual(extentOf(POSITIONS))
    expect(extentOf([{ ...POSITIONS[0]!, upTo: 13 }, POSITIONS[1]!])).not.toEqual(extentOf(POSITIONS))
  })
})
