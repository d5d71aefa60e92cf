import { createHash } from 'node:crypto'
import type { StreamPosition } from '../model/delivery.ts'
import type { Territory } from '../registry/schema.ts'
import type { Version } from './version.ts'

/** Which readings there were: a hash stands for the positions, which name the gateways of hidden buildings, too. */
export interface ReadingsExtent {
  /** Streams of senders, each with the number up to which it was stored. */
  streams: number
  /** Of {@link positionsText}, lower-case hex: who has the positions can show that they were these. */
  sha256: string
}

export function extentOf(positions: readonly StreamPosition[]): ReadingsExtent {
  const sha256 = createHash('sha256').update(positionsText(positions)).digest('hex')
  return { streams: positions.length, sha256 }
}

/** Positions as one JSON text, in which they are always in the same order. */
export function positionsText(positions: readonly StreamPosition[]): string {
  const rows = positions.map(({ sender, stream, run, upTo, ranges }) =>
    JSON.stringify({ sender, stream, run, upTo, ranges }),
  )
  return `[${rows.sort().join(',')}]`
}

const CONTEXT = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  prov: 'http://www.w3.org/ns/prov#',
  spdx: 'http://spdx.org/rdf/terms#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
}

/**
 * Where a version comes from (PROV-O as JSON-LD): from which readings, with which registry, in which the conversions and
 * allocations of the meters stand, by which version of the software.
 * @param schemaUrl of its Table Schema
 */
export function describeProvenance(
  territory: Territory,
  version: Version,
  { baseUrl, schemaUrl }: { baseUrl: string; schemaUrl: string },
): Record<string, unknown> {
  const { publisher } = territory
  const dataset = `${baseUrl}/open-data/${version.dataset}`
  const address = `${dataset}/versions/${version.version}`
  const own = (name: string) => `${address}/provenance.jsonld#${name}`
  const publication = iri(own('publication'))
  const [readings, registry] = [iri(own('readings')), iri(own('registry'))]
  const used = version.readings ? [readings, registry] : [registry]
  const at = { '@value': version.publishedAt, '@type': 'xsd:dateTime' }
  const made = { 'prov:wasGeneratedBy': publication, 'prov:generatedAtTime': at }

  const files = version.files.map(({ name, bytes, sha256 }) => ({
    '@id': `${address}/${name}`,
    '@type': 'prov:Entity',
    'dct:title': name,
    'dcat:byteSize': { '@value': String(bytes), '@type': 'xsd:nonNegativeInteger' },
    'spdx:checksum': checksum(sha256),
    ...made,
  }))
  return {
    '@context': CONTEXT,
    '@graph': [
      {
        '@id': address,
        '@type': ['prov:Entity', 'prov:Collection'],
        'dct:title': `${version.dataset} ${version.version}`,
        'dct:isVersionOf': iri(dataset),
        'dct:conformsTo': iri(schemaUrl),
        'prov:hadMember': files.map(file => iri(file['@id'])),
        'prov:wasDerivedFrom': used,
        'prov:wasAttributedTo': iri(own('publisher')),
        ...(version.since !== null && {
          'prov:wasRevisionOf': iri(`${dataset}/versions/${version.since}`),
        }),
        ...made,
      },
      ...files,
      {
        '@id': publication['@id'],
        '@type': 'prov:Activity',
        'prov:endedAtTime': at,
        'prov:used': [...used, iri(schemaUrl)],
        'prov:wasAssociatedWith': [iri(own('software')), iri(own('publisher'))],
      },
      ...(version.readings
        ? [
            {
              '@id': readings['@id'],
              '@type': 'prov:Entity',
              'dct:title': `Readings stored when the publication began, of ${version.readings.streams} streams`,
              'dct:description':
                'The checksum is of the positions of all streams in the completeness ledger, as JSON.',
              'spdx:checksum': checksum(version.readings.sha256),
            },
          ]
        : []),
      {
        '@id': registry['@id'],
        '@type': 'prov:Entity',
        'dct:title': 'Registry, with the conversions of the meters and their allocations to buildings',
        'spdx:checksum': checksum(version.registry),
      },
      {
        '@id': own('software'),
        '@type': 'prov:SoftwareAgent',
        'dct:title': `Affluent ${version.software}`,
      },
      {
        '@id': own('publisher'),
        '@type': 'prov:Organization',
        'foaf:name': publisher.name,
        'foaf:homepage': iri(publisher.url),
      },
    ],
  }
}

function checksum(sha256: string) {
  return {
    '@type': 'spdx:Checksum',
    'spdx:algorithm': iri('http://spdx.org/rdf/terms#checksumAlgorithm_sha256'),
    'spdx:checksumValue': sha256,
  }
}

function iri(id: string) {
  return { '@id': id }
}
