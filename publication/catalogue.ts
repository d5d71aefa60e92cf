import { localDate } from '../model/calendar.ts'
import type { Territory } from '../registry/schema.ts'

/** A published file as it is now. */
export interface PublishedFile {
  /** Stable for ever: harvesters know the dataset by it. */
  id: string
  title: string
  description: string
  keywords: readonly string[]
  /** Code of the EU frequency authority table, such as MONTHLY. */
  frequency: 'MONTHLY' | 'DAILY'
  /** Path under the base URL. */
  path: string
  schemaPath: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
  /** The first instant that the file tells of, and the end of the first and of the last period, ms UTC; absent while it has no rows. */
  extent?: { start: number; firstEnd: number; end: number }
}

const LICENCE = 'https://www.etalab.gouv.fr/licence-ouverte-open-licence'
const EU = 'http://publications.europa.eu/resource/authority'
const GEOJSON = 'https://www.iana.org/assignments/media-types/application/vnd.geo+json'

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
  files: readonly PublishedFile[],
  baseUrl: string,
): Record<string, unknown> {
  const { publisher, timeZone } = territory
  const publisherId = `${baseUrl}/open-data/catalog.jsonld#publisher`
  const spatial = territory.outline.length > 0 && {
    'dct:spatial': {
      '@type': 'dct:Location',
      'locn:geometry': literal(JSON.stringify(toMultiPolygon(territory.outline)), GEOJSON),
    },
  }

  const datasets = files.map(file => {
    const url = baseUrl + file.path
    const dates = file.extent && {
      'dct:issued': literal(toDateTime(file.extent.firstEnd), 'xsd:dateTime'),
      'dct:modified': literal(toDateTime(file.extent.end), 'xsd:dateTime'),
    }
    return {
      '@id': `${baseUrl}/open-data/catalog.jsonld#${file.id}`,
      '@type': 'dcat:Dataset',
      'dct:identifier': file.id,
      'dct:title': file.title,
      'dct:description': file.description,
      'dcat:keyword': file.keywords,
      'dct:language': iri(`${EU}/language/FRA`),
      'dct:license': iri(LICENCE),
      'dct:accrualPeriodicity': iri(`${EU}/frequency/${file.frequency}`),
      ...(file.extent && {
        'dct:temporal': {
          '@type': 'dct:PeriodOfTime',
          'dcat:startDate': literal(localDate(file.extent.start, timeZone), 'xsd:date'),
          'dcat:endDate': literal(localDate(file.extent.end - 1, timeZone), 'xsd:date'),
        },
      }),
      ...spatial,
      ...dates,
      'dct:conformsTo': iri(baseUrl + file.schemaPath),
      'dct:publisher': iri(publisherId),
      'dcat:contactPoint': {
        '@type': 'vcard:Organization',
        'vcard:fn': publisher.name,
        'vcard:hasEmail': iri(`mailto:${publisher.email}`),
        'vcard:hasURL': iri(publisher.url),
      },
      'dcat:distribution': {
        '@id': `${url}#distribution`,
        '@type': 'dcat:Distribution',
        'dct:title': file.path.slice(file.path.lastIndexOf('/') + 1),
        'dcat:accessURL': iri(url),
        'dcat:downloadURL': iri(url),
        'dct:format': iri(`${EU}/file-type/CSV`),
        'dcat:mediaType': iri('https://www.iana.org/assignments/media-types/text/csv'),
        'dct:license': iri(LICENCE),
        'dct:conformsTo': iri(baseUrl + file.schemaPath),
        'dcat:byteSize': literal(String(file.bytes), 'xsd:nonNegativeInteger'),
        'spdx:checksum': {
          '@type': 'spdx:Checksum',
          'spdx:algorithm': iri('http://spdx.org/rdf/terms#checksumAlgorithm_sha256'),
          'spdx:checksumValue': file.sha256,
        },
        ...dates,
      },
    }
  })

  return {
    '@context': CONTEXT,
    '@id': `${baseUrl}/open-data/catalog.jsonld`,
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

/** Each ring of the outline is a part of the territory. */
function toMultiPolygon(outline: Territory['outline']) {
  return { type: 'MultiPolygon', coordinates: outline.map(ring => [ring]) }
}

function toDateTime(time: number): string {
  return new Date(time).toISOString()
}

function iri(id: string) {
  return { '@id': id }
}

function literal(value: string, type: string) {
  return { '@value': value, '@type': type }
}
