import { localDate } from '../model/calendar.ts'
import { LICENCE_OUVERTE } from '../model/licence.ts'
import type { Territory, Text } from '../registry/schema.ts'
import type { DataService } from './data-services.ts'
import type { Dataset } from './dataset.ts'
import { SPREADSHEET } from './formats.ts'
import { type JsonLdDocument, type JsonLdNode, toRdfXml, toTurtle } from './rdf.ts'
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

const EU = 'http://publications.europa.eu/resource/authority'
const THEMES = `${EU}/data-theme`
const IANA = 'https://www.iana.org/assignments/media-types/'
const GEOJSON = `${IANA}application/vnd.geo+json`

interface Kind {
  /** Of the file's name, behind the id of its dataset. */
  suffix: string
  /** Code of the EU authority table of file types, which has none of JSON Lines. */
  type: string
  /** Of what is in it, where IANA has registered one. */
  mediaType?: string
  compression?: string
  title: string
  description: string
}

/** What a harvester is told of the files of a dataset: those that say nothing new are not. */
const DISTRIBUTIONS: readonly Kind[] = [
  {
    ...{ suffix: '.csv', type: 'CSV', mediaType: 'text/csv', title: 'CSV' },
    description: 'CSV (RFC 4180) : UTF-8, séparé par des virgules, point décimal.',
  },
  {
    ...{ suffix: '.csv.gz', type: 'CSV', mediaType: 'text/csv', compression: 'application/gzip' },
    title: 'CSV compressé (gzip)',
    description: 'Le même fichier CSV, compressé avec gzip.',
  },
  {
    ...{ suffix: SPREADSHEET.suffix, type: 'CSV', mediaType: 'text/csv' },
    title: 'CSV pour tableurs (point-virgule, virgule décimale)',
    description:
      'Les mêmes lignes pour un tableur français : points-virgules, virgule décimale, marque d’ordre des octets.',
  },
  {
    ...{ suffix: '.parquet', type: 'PARQUET', mediaType: 'application/vnd.apache.parquet', title: 'Parquet' },
    description: 'Les mêmes lignes en colonnes typées (Apache Parquet).',
  },
  {
    ...{ suffix: '.jsonl', type: 'JSON', title: 'JSON Lines' },
    description: 'Les mêmes lignes, chacune un objet JSON.',
  },
  {
    ...{ suffix: '.geojson', type: 'GEOJSON', mediaType: 'application/geo+json', title: 'GeoJSON' },
    description: 'Les mêmes lignes, chacune à sa position (RFC 7946, WGS 84).',
  },
]

const PROVENANCE = {
  fr: 'De quels relevés, avec quel registre et quelle version du logiciel ce jeu de données a été fait (PROV-O).',
  en: 'From which readings, with which registry and which version of the software this dataset was made (PROV-O).',
}

/** Inline, so that a harvester fetches nothing. */
const CONTEXT = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  hydra: 'http://www.w3.org/ns/hydra/core#',
  locn: 'http://www.w3.org/ns/locn#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  spdx: 'http://spdx.org/rdf/terms#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
}

/** What is asked of the catalogue. */
export interface CatalogueRequest {
  format: CatalogueFormat
  /**
   * `udata`: as data.gouv.fr reads it, the checksum a plain literal and texts in French. `strict`: as the shapes of
   * DCAT-AP 3.0.1 want it, the checksum an xsd:hexBinary, texts in French and English.
   */
  profile: 'udata' | 'strict'
  /** From 1. */
  page: number
  /** Datasets on a page. */
  pageSize: number
}

/** The end of the catalogue's address. */
export type CatalogueFormat = 'ttl' | 'jsonld' | 'rdf'

/** A page of the catalogue in one of its formats; undefined where there is no such page. */
export function writeCatalogue(
  territory: Territory,
  told: readonly ToldDataset[],
  services: readonly DataService[],
  baseUrl: string,
  request: CatalogueRequest,
): string | undefined {
  const { page, pageSize, format } = request
  if (page > lastPage(told, pageSize)) return undefined
  const document = describeCatalogue(territory, told, services, baseUrl, request)
  if (format === 'ttl') return toTurtle(document)
  return format === 'rdf' ? toRdfXml(document) : JSON.stringify(document)
}

/**
 * A DCAT catalogue in JSON-LD, in the shape that data.gouv.fr harvests (udata,
 * `udata/core/dataset/rdf.py`): spatial coverage as a GeoJSON polygon, temporal coverage as a blank node,
 * no date in the future, pages that name the next one.
 */
function describeCatalogue(
  territory: Territory,
  told: readonly ToldDataset[],
  services: readonly DataService[],
  baseUrl: string,
  request: CatalogueRequest,
): JsonLdDocument {
  const { publisher, timeZone } = territory
  const { page, pageSize, profile } = request
  const catalogueUrl = `${baseUrl}/open-data/catalog`
  const publisherId = `${catalogueUrl}#publisher`
  const text = ({ fr, en }: Text) =>
    profile === 'strict'
      ? [
          { '@value': fr, '@language': 'fr' },
          { '@value': en, '@language': 'en' },
        ]
      : fr
  const spatial = territory.outline.length > 0 && {
    'dct:spatial': {
      '@type': 'dct:Location',
      'locn:geometry': literal(JSON.stringify(toMultiPolygon(territory.outline)), GEOJSON),
    },
  }
  const responsible = {
    'dct:publisher': iri(publisherId),
    'dcat:contactPoint': {
      '@type': 'vcard:Organization',
      'vcard:fn': publisher.name,
      'vcard:hasEmail': iri(`mailto:${publisher.email}`),
      'vcard:hasURL': iri(publisher.url),
    },
  }

  const datasets = told.slice((page - 1) * pageSize, page * pageSize).map(({ dataset, version, issued }) => {
    const schema = iri(baseUrl + schemaPath(dataset.schema.id, version.schema))
    const dates = {
      'dct:issued': literal(issued, 'xsd:dateTime'),
      'dct:modified': literal(version.publishedAt, 'xsd:dateTime'),
    }
    const period = version.period ?? dayOf(version.publishedAt, timeZone)
    return {
      '@id': `${catalogueUrl}#${dataset.id}`,
      '@type': 'dcat:Dataset',
      'dct:identifier': dataset.id,
      'dct:title': text(dataset.title),
      'dct:description': text(dataset.description),
      'dcat:keyword': dataset.keywords,
      'dcat:theme': dataset.themes.map(theme => iri(`${THEMES}/${theme}`)),
      'dct:language': iri(`${EU}/language/FRA`),
      'dct:license': iri(LICENCE_OUVERTE.url),
      'dct:accrualPeriodicity': iri(`${EU}/frequency/${dataset.frequency}`),
      'dct:temporal': {
        '@type': 'dct:PeriodOfTime',
        'dcat:startDate': literal(period.start, 'xsd:date'),
        'dcat:endDate': literal(period.end, 'xsd:date'),
      },
      ...spatial,
      ...dates,
      'dcat:version': String(version.version),
      'dcat:landingPage': iri(`${baseUrl}/open-data/datasets/${dataset.id}`),
      'dct:conformsTo': schema,
      'dct:provenance': {
        '@id': `${baseUrl}/open-data/${dataset.id}/versions/${version.version}/provenance.jsonld`,
        '@type': 'dct:ProvenanceStatement',
        'rdfs:label': text(PROVENANCE),
      },
      'foaf:page': iri(`${baseUrl}/open-data/${dataset.id}.quality.json`),
      ...responsible,
      'dcat:distribution': version.files.flatMap(file => {
        const kind = DISTRIBUTIONS.findLast(({ suffix }) => file.name === dataset.id + suffix)
        if (!kind) return []
        // Its decimal commas are not what the schema says of numbers.
        const conformance = kind.suffix !== SPREADSHEET.suffix && { 'dct:conformsTo': schema }
        const proof = { 'foaf:page': iri(`${baseUrl}/open-data/${file.name}.proof.json`) }
        return [{ ...describeFile(file, kind, baseUrl, profile), ...conformance, ...proof, ...dates }]
      }),
    }
  })

  const describedServices = services.map(({ id, title, description, path, serves }) => ({
    '@id': `${catalogueUrl}#${id}`,
    '@type': 'dcat:DataService',
    'dct:identifier': id,
    'dct:title': text(title),
    'dct:description': text(description),
    'dct:license': iri(LICENCE_OUVERTE.url),
    'dcat:endpointURL': iri(baseUrl + path),
    'dcat:endpointDescription': iri(`${baseUrl}/openapi.json`),
    'dcat:servesDataset': told
      .filter(({ dataset }) => serves(dataset))
      .map(({ dataset }) => iri(`${catalogueUrl}#${dataset.id}`)),
    ...responsible,
  }))

  return {
    '@context': CONTEXT,
    '@id': catalogueUrl,
    '@type': ['dcat:Catalog', 'hydra:Collection'],
    'dct:title': text({
      fr: `Données ouvertes – ${territory.name.fr}`,
      en: `Open data – ${territory.name.en}`,
    }),
    'dct:description': text({
      fr: `Les jeux de données que ${publisher.name} tire de ses compteurs et de ses capteurs.`,
      en: `The datasets that ${publisher.name} makes of its meters and sensors.`,
    }),
    'dct:language': iri(`${EU}/language/FRA`),
    'dct:license': iri(LICENCE_OUVERTE.url),
    'foaf:homepage': iri(publisher.url),
    'dcat:themeTaxonomy': iri(THEMES),
    'dct:publisher': {
      '@id': publisherId,
      '@type': 'foaf:Agent',
      'foaf:name': publisher.name,
      'foaf:homepage': iri(publisher.url),
    },
    'dcat:dataset': datasets,
    // Once: a harvester that reads every page would take them for others.
    ...(page === 1 && { 'dcat:service': describedServices }),
    ...pagesOf(catalogueUrl, request, told),
  }
}

/** Pages as Hydra has them (https://www.hydra-cg.com/spec/latest/core/); each leads to others of its own format. */
function pagesOf(
  catalogueUrl: string,
  { format, profile, page, pageSize }: CatalogueRequest,
  told: readonly ToldDataset[],
): JsonLdNode {
  const last = lastPage(told, pageSize)
  const strict = profile === 'strict' ? 'profile=strict&' : ''
  const address = (number: number) =>
    `${catalogueUrl}.${format}?${strict}page=${number}&page_size=${pageSize}`
  return {
    'hydra:totalItems': literal(String(told.length), 'xsd:integer'),
    'hydra:view': {
      '@id': address(page),
      '@type': 'hydra:PartialCollectionView',
      'hydra:first': iri(address(1)),
      ...(page > 1 && { 'hydra:previous': iri(address(page - 1)) }),
      ...(page < last && { 'hydra:next': iri(address(page + 1)) }),
      'hydra:last': iri(address(last)),
    },
  }
}

function lastPage(told: readonly ToldDataset[], pageSize: number): number {
  return Math.max(1, Math.ceil(told.length / pageSize))
}

function describeFile(
  { name, bytes, sha256 }: VersionFile,
  { title, description, type, mediaType, compression }: Kind,
  baseUrl: string,
  profile: CatalogueRequest['profile'],
): JsonLdNode {
  const url = `${baseUrl}/open-data/${name}`
  return {
    '@id': `${url}#distribution`,
    '@type': 'dcat:Distribution',
    'dct:title': title,
    'dct:description': description,
    'dcat:accessURL': iri(url),
    'dcat:downloadURL': iri(url),
    'dct:format': iri(`${EU}/file-type/${type}`),
    ...(mediaType && { 'dcat:mediaType': iri(IANA + mediaType) }),
    ...(compression && { 'dcat:compressFormat': iri(IANA + compression) }),
    'dct:license': iri(LICENCE_OUVERTE.url),
    'dcat:byteSize': literal(String(bytes), 'xsd:nonNegativeInteger'),
    'spdx:checksum': {
      '@type': 'spdx:Checksum',
      'spdx:algorithm': iri('http://spdx.org/rdf/terms#checksumAlgorithm_sha256'),
      'spdx:checksumValue': profile === 'strict' ? literal(sha256, 'xsd:hexBinary') : sha256,
    },
  }
}

/** What has no time of its own is as it was on the day on which it was published. */
function dayOf(publishedAt: string, timeZone: string) {
  const day = localDate(Date.parse(publishedAt), timeZone)
  return { start: day, end: day }
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
