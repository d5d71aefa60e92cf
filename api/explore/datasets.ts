import { LICENCE_OUVERTE } from '../../model/licence.ts'
import { type Cell, type Column, LIST_SEPARATOR } from '../../model/row-query.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Publication, PublishedDataset, PublishedVersion } from '../open-data/publication.ts'
import { fieldsOf } from './fields.ts'
import type { Field } from './odsql/terms.ts'
import { type Clocks, tellInstant } from './tell.ts'

type Territory = Registry['territory']
const FREQUENCIES = 'http://publications.europa.eu/resource/authority/frequency/'

/** Who tells of datasets, and how. */
export interface Telling {
  publication: Publication
  territory: Territory
  language: 'fr' | 'en'
  clocks: Clocks
}

/** A dataset that is told of, and the version in force. */
export interface ToldDataset {
  dataset: PublishedDataset
  version: PublishedVersion
}

/** Those of which there is a version. */
export function toldDatasets(publication: Publication): ToldDataset[] {
  return publication.datasets.flatMap(dataset => {
    const version = publication.latest(dataset.id)
    return version ? [{ dataset, version }] : []
  })
}

/** A dataset as Opendatasoft describes it. */
export function describeDataset(
  { dataset, version }: ToldDataset,
  telling: Telling,
): Record<string, unknown> {
  const { publication, territory, language } = telling
  const fields = fieldsOf(dataset, publication.rows.columns(version), language)
  const { publisher } = territory
  const [first] = publication.versions(dataset.id)!
  return {
    dataset_id: dataset.id,
    dataset_uid: dataset.id,
    attachments: [],
    has_records: true,
    data_visible: true,
    features: featuresOf(fields),
    metas: {
      default: describeMetas({ dataset, version }, telling),
      dcat: {
        created: tellInstant(first!.version.publishedAt, telling.clocks),
        issued: tellInstant(first!.version.publishedAt, telling.clocks),
        creator: publisher.name,
        contact_name: publisher.name,
        contact_email: publisher.email,
        accrualperiodicity: `${FREQUENCIES}${dataset.frequency}`,
        temporal_coverage_start: version.version.period?.start ?? null,
        temporal_coverage_end: version.version.period?.end ?? null,
      },
    },
    fields: fields.map(({ name, label, type, description, facet }) => ({
      ...{ name, label, type, description },
      annotations: facet ? { facet: [] } : {},
    })),
  }
}

function describeMetas({ dataset, version }: ToldDataset, telling: Telling): Record<string, unknown> {
  const { publication, territory, language, clocks } = telling
  const modified = tellInstant(version.version.publishedAt, clocks)
  return {
    title: dataset.title[language],
    description: dataset.description[language],
    theme: null,
    keyword: dataset.keywords,
    license: LICENCE_OUVERTE.title,
    license_url: LICENCE_OUVERTE.url,
    language,
    metadata_languages: ['fr', 'en'],
    timezone: territory.timeZone,
    modified,
    data_processed: modified,
    metadata_processed: modified,
    publisher: territory.publisher.name,
    references: `${publication.baseUrl()}/open-data/datasets/${dataset.id}`,
    records_count: version.version.rows,
    federated: false,
  }
}

function featuresOf(fields: readonly Field[]): string[] {
  const has = (...types: Field['type'][]) => fields.some(({ type }) => types.includes(type))
  return [
    'analyze',
    ...(has('date', 'datetime') ? ['timeserie'] : []),
    ...(has('geo_point_2d') ? ['geo'] : []),
  ]
}

const FACETS = new Set(['features', 'language', 'publisher', 'keyword', 'license', 'modified'])

const CATALOGUE: readonly (Column & { several?: boolean; meta?: boolean })[] = [
  { name: 'dataset_id', type: 'string' },
  { name: 'dataset_uid', type: 'string' },
  { name: 'has_records', type: 'boolean' },
  { name: 'data_visible', type: 'boolean' },
  { name: 'features', type: 'string', several: true },
  ...(
    [
      'title',
      'description',
      'license',
      'license_url',
      'language',
      'publisher',
      'references',
      'timezone',
    ] as const
  ).map(name => ({ name, type: 'string' as const, meta: true })),
  { name: 'keyword', type: 'string', several: true, meta: true },
  { name: 'metadata_languages', type: 'string', several: true, meta: true },
  { name: 'modified', type: 'datetime', meta: true },
  { name: 'data_processed', type: 'datetime', meta: true },
  { name: 'metadata_processed', type: 'datetime', meta: true },
  { name: 'records_count', type: 'integer', meta: true },
]
export const CATALOGUE_COLUMNS: readonly Column[] = CATALOGUE

/** The catalogue as rows, in the order of {@link CATALOGUE_COLUMNS}. */
export function catalogueRows(described: readonly Record<string, unknown>[]): Cell[][] {
  return described.map(dataset => {
    const metas = (dataset.metas as { default: Record<string, unknown> }).default
    return CATALOGUE.map(({ name, several, meta }) => {
      const value = meta ? metas[name] : dataset[name]
      return several ? (value as string[]).join(LIST_SEPARATOR) : (value as Cell)
    })
  })
}

/** What queries to the catalogue may name: `*` is the description as a whole, the metadata stand beside it. */
export function catalogueFields(described: readonly Record<string, unknown>[]): Field[] {
  const byId = new Map(described.map(dataset => [dataset.dataset_id as string, dataset]))
  const wholes = ['attachments', 'features', 'metas', 'fields']
  const types = { string: 'text', integer: 'int', boolean: 'boolean', datetime: 'datetime' } as const
  const columns = CATALOGUE.map(
    ({ name, type, several, meta }): Field => ({
      ...{ name, label: name, description: null, column: name, type: types[type as keyof typeof types] },
      ...{ facet: FACETS.has(name) },
      ...(meta && { alias: `default.${name}`, hidden: true }),
      ...(several && {
        several,
        tell: (cell: Cell) => (cell === '' ? [] : (cell as string).split(LIST_SEPARATOR)),
      }),
    }),
  )
  const structured = wholes
    .filter(name => !columns.some(column => column.name === name))
    .map(
      (name): Field => ({
        ...{ name, label: name, description: null, column: 'dataset_id', type: 'text' },
        tell: (id: Cell) => byId.get(id as string)![name],
      }),
    )
  return [...columns, ...structured]
}
