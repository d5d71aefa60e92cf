import type { Territory } from '../registry/schema.ts'
import type { Dataset } from './dataset.ts'
import { schemaPath } from './table-schema.ts'
import type { Version, VersionFile } from './version.ts'

/** A dataset as it is now. */
export interface ToldDataset {
  dataset: Dataset
  /** The newest that is told. */
  version: Version
  /** When the first was published, ISO 8601 UTC. */
  issued: string
}

const LICENCE = 'https://www.etalab.gouv.fr/licence-ouverte-open-licence'
const EU = 'http://publications.europa.eu/resource/authority'
const GEOJSON = 'https://www.iana.org/assignments/media-types/application/vnd.geo+json'

/** What a harvester is told of the files of a dataset, by the end of their names: those that say nothing new are not. */
const DISTRIBUTIONS: readonly { suffix: string; type: string; mediaType: string; title: string }[] = [
  { suffix: '.csv', type: 'CSV', mediaType: 'text/csv', title: 'CSV' },
  { suffix: '.csv.gz', type: 'CSV', mediaType: 'application/gzip', title: 'CSV compressé (gzip)' },
  {
    suffix: '-tableur.csv',
    type: 'CSV',
    mediaType: 'text/csv',
    title: 'CSV pour tableurs (point-virgule, virgule décimale)',
  },
  { suffix: '.parquet', type: 'PARQUET', mediaType: 'application/vnd.apache.parquet', title: 'Parquet' },
  { suffix: '.jsonl', type: 'JSON', mediaType: 'application/jsonl', title: 'JSON Lines' },
  { suffix: '.geojson', type: 'GEOJSON', mediaType: 'application/geo+json', title: 'GeoJSON' },
]

/** Inline, so that a harvester fetches nothing. */
const CONTEXT = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  locn: 'http://www.w3.org/ns/locn#',
  spdx: 'http://spdx.org/rdf/terms#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
}

/**
 * A DCAT catalogue in JSON-LD, in the shape that data.gouv.fr harvests (udata,
 * `udata/core/dataset/rdf.py`): spatial coverage as a GeoJSON polygon, temporal coverage as a blank node,
 * the checksum a plain literal, no date in the future.
 */
export function describeCatalogue(
  territory: Territory,
  told: readonly ToldDataset[],
  baseUrl: string,
): Record<string, unknown> {
  const { publisher } = territory
  const catalogueUrl = `${baseUrl}/open-data/catalog.jsonld`
  const publisherId = `${catalogueUrl}#publisher`
  const spatial = territory.outline.length > 0 && {
    'dct:spatial': {
      '@type': 'dct:Location',
      'locn:geometry': literal(JSON.stringify(toMultiPolygon(territory.outline)), GEOJSON),
    },
  }

  const datasets = told.map(({ dataset, version, issued }) => {
    const schema = iri(baseUrl + schemaPath(dataset.schema.id, version.schema))
    const dates = {
      'dct:issued': literal(issued, 'xsd:dateTime'),
      'dct:modified': literal(version.publishedAt, 'xsd:dateTime'),
    }
    return {
      '@id': `${catalogueUrl}#${dataset.id}`,
      '@type': 'dcat:Dataset',
      'dct:identifier': dataset.id,
      'dct:title': dataset.title.fr,
      'dct:description': dataset.description.fr,
      'dcat:keyword': dataset.keywords,
      'dct:language': iri(`${EU}/language/FRA`),
      'dct:license': iri(LICENCE),
      'dct:accrualPeriodicity': iri(`${EU}/frequency/${dataset.frequency}`),
      ...(version.period && {
        'dct:temporal': {
          '@type': 'dct:PeriodOfTime',
          'dcat:startDate': literal(version.period.start, 'xsd:date'),
          'dcat:endDate': literal(version.period.end, 'xsd:date'),
        },
      }),
      ...spatial,
      ...dates,
      'dcat:version': String(version.version),
      'dcat:landingPage': iri(`${baseUrl}/open-data/datasets/${dataset.id}`),
      'dct:conformsTo': schema,
      'dct:publisher': iri(publisherId),
      'dcat:contactPoint': {
        '@type': 'vcard:Organization',
        'vcard:fn': publisher.name,
        'vcard:hasEmail': iri(`mailto:${publisher.email}`),
        'vcard:hasURL': iri(publisher.url),
      },
      'dcat:distribution': version.files.flatMap(file => {
        const kind = DISTRIBUTIONS.findLast(({ suffix }) => file.name === dataset.id + suffix)
        if (!kind) return []
        return [{ ...describeFile(file, kind, baseUrl), 'dct:conformsTo': schema, ...dates }]
      }),
    }
  })

  return {
    '@context': CONTEXT,
    '@id': catalogueUrl,
    '@type': 'dcat:Catalog',
    'dct:title': `Données ouvertes – ${territory.name.fr}`,
    'dct:description': `Les jeux de données que ${publisher.name} tire de ses compteurs et de ses capteurs.`,
    'dct:language': iri(`${EU}/language/FRA`),
    'dct:license': iri(LICENCE),
    'foaf:homepage': iri(publisher.url),
    'dct:publisher': {
      '@id': publisherId,
      '@type': 'foaf:Agent',
      'foaf:name': publisher.name,
      'foaf:homepage': iri(publisher.url),
    },
    'dcat:dataset': datasets,
  }
}

function describeFile(
  { name, bytes, sha256 }: VersionFile,
  { title, type, mediaType }: (typeof DISTRIBUTIONS)[number],
  baseUrl: string,
) {
  const url = `${baseUrl}/open-data/${name}`
  return {
    '@id': `${url}#distribution`,
    '@type': 'dcat:Distribution',
    'dct:title': title,
    'dcat:accessURL': iri(url),
    'dcat:downloadURL': iri(url),
    'dct:format': iri(`${EU}/file-type/${type}`),
    'dcat:mediaType': iri(`https://www.iana.org/assignments/media-types/${mediaType}`),
    'dct:license': iri(LICENCE),
    'dcat:byteSize': literal(String(bytes), 'xsd:nonNegativeInteger'),
    'spdx:checksum': {
      '@type': 'spdx:Checksum',
      'spdx:algorithm': iri('http://spdx.org/rdf/terms#checksumAlgorithm_sha256'),
      'spdx:checksumValue': sha256,
    },
  }
}

/** Each ring of the outline is a part of the territory. */
function toMultiPolygon(outline: Territory['outline']) {
  return { type: 'MultiPolygon', coordinates: outline.map(ring => [ring]) }
}

function iri(id: string) {
  return { '@id': id }
}

function literal(value: string, type: string) {
  return { '@value': value, '@type': type }
}
