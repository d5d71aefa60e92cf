import type { Readable } from 'node:stream'
import type { ExclusionReason } from '../../model/exclusion.ts'
import type { Cell, Column, RowPage, RowQuery } from '../../model/row-query.ts'

/** What the open data is made of; publication makes it. */
export interface Publication {
  readonly datasets: readonly PublishedDataset[]
  /** How the public reaches the hub, without a slash at the end. */
  baseUrl(): string
  /** The dataset that has a file of that name, or has had one. */
  datasetOf(file: string): string | undefined
  /** All versions of a dataset, the newest last; undefined for an unknown one. */
  versions(dataset: string): readonly PublishedVersion[] | undefined
  /** The newest that is not withdrawn. */
  latest(dataset: string): PublishedVersion | undefined
  /** A file of a version by its name. */
  file(version: PublishedVersion, name: string): FoundFile | undefined
  /** A page of what changed since a cursor; undefined where that leads nowhere any more. */
  changes(dataset: string, since: string | undefined, limit: number): Promise<ChangePage | undefined>
  /** The last local date that was over when that was last looked at, and of which something is told. */
  lastCompleteDay(dataset: string): string | undefined
  /** When the newest version was last found to be complete, ms UTC. */
  checkedAt(dataset: string): number | undefined
  /** Until when the next publication should be done, ms UTC. */
  dueAt(dataset: string): number | undefined
  /** What people are shown of a dataset; undefined while there is nothing. */
  page(dataset: string): Promise<DatasetPage | undefined>
  /** Where a version comes from: PROV-O as JSON-LD. */
  provenance(version: PublishedVersion): object
  /** A page of the DCAT catalogue; undefined where there is no such page. */
  catalogue(request: CatalogueRequest): string | undefined
  readonly rows: OpenRows
  /** A Data Package (https://specs.frictionlessdata.io/data-package/) of the newest versions. */
  dataPackage(): object
  /** The same of one version. */
  versionPackage(version: PublishedVersion): object
  /** The Table Schema of a version of the columns of a dataset. */
  tableSchema(schema: string, version: string): object | undefined
  /** The documents beside it, Markdown. */
  schemaDocument(schema: string, name: SchemaDocument): string | undefined
}

export interface CatalogueRequest {
  /** The end of the catalogue's address. */
  format: 'ttl' | 'jsonld' | 'rdf'
  profile: 'udata' | 'strict'
  /** From 1. */
  page: number
  /** Datasets on a page. */
  pageSize: number
}

/** To be closed, read or not. */
export interface RowCopy {
  rows: AsyncIterable<readonly string[]>
  close(): void
}

/** Rows as JSON: an array of objects. */
export interface ToldRows {
  json: Uint8Array
  count: number
  /** Where the last of them is in the file. */
  last: number | undefined
}

/** Answers questions to the rows of versions that are told. */
export interface OpenRows {
  columns(version: PublishedVersion): readonly OpenColumn[]
  /** @throws QueryRefusedError */
  ask(version: PublishedVersion, query: RowQuery): Promise<RowPage>
  /**
   * The same of rows as they are, as JSON.
   * @throws QueryRefusedError
   */
  tell(version: PublishedVersion, query: RowQuery): Promise<ToldRows>
  /**
   * How many rows or groups a query has, whatever its limit.
   * @throws QueryRefusedError
   */
  count(version: PublishedVersion, query: RowQuery): Promise<number>
  /** All rows in the order of the files, as texts in the order of the columns; '' where nothing is known. */
  all(version: PublishedVersion): AsyncIterable<readonly string[]>
  /**
   * What a query yields, without a limit: rows of texts, with the cells of `ask` first.
   * @throws QueryRefusedError
   */
  copy(version: PublishedVersion, query: RowQuery): Promise<RowCopy>
  /**
   * The same as the bytes of a Parquet file.
   * @throws QueryRefusedError
   */
  copyParquet(version: PublishedVersion, query: RowQuery, compression: 'snappy' | 'zstd'): Promise<Readable>
  /**
   * The same of rows that are at hand, in the order of the columns.
   * @throws QueryRefusedError
   */
  askGiven(rows: readonly (readonly Cell[])[], columns: readonly Column[], query: RowQuery): Promise<RowPage>
}

export interface OpenColumn extends Column {
  /** In French. */
  title: string
  titleEn: string
  /** In French. */
  description: string
  constraints?: Record<string, unknown>
}

export const SCHEMA_DOCUMENTS = ['README.md', 'CHANGELOG.md'] as const
export type SchemaDocument = (typeof SCHEMA_DOCUMENTS)[number]

export interface PublishedDataset {
  id: string
  title: { fr: string; en: string }
  description: { fr: string; en: string }
  keywords: readonly string[]
  /** Code of the EU frequency authority table. */
  frequency: string
  schema: { primaryKey: readonly string[] }
  /** Columns of a position in WGS 84, degrees. */
  position?: { longitude: string; latitude: string }
}

export interface PublishedVersion {
  version: {
    dataset: string
    version: number
    publishedAt: string
    rows: number
    period: { start: string; end: string } | null
    files: readonly PublishedFile[]
  }
  /** The whole of it as it is told, JSON. */
  text: string
  /** Why it is not told any more. */
  withdrawn?: { at: string; reason: { fr: string; en: string } }
}

/** A list of the newest, newest first, and how many others there are. */
export interface NewestOf<T> {
  listed: readonly T[]
  leftOut: number
}

export interface ToldGap {
  site: string
  fluid: string
  /** Dates or instants, `to` exclusive. */
  from: string
  to: string
  /** 0 to 1 */
  coverage: number
  filled: 'stated' | 'shared-out' | 'other-meters' | 'nothing'
}

export interface ToldExclusion {
  site: string
  fluid: string
  /** ISO 8601, UTC. */
  time: string
  reason: ExclusionReason
}

/** What the quality report says of single times; absent where the dataset says none of it. */
export interface Followed {
  gaps?: NewestOf<ToldGap>
  exclusions?: NewestOf<ToldExclusion>
}

export interface DatasetPage {
  id: string
  title: { fr: string; en: string }
  description: { fr: string; en: string }
  keywords: readonly string[]
  frequency: string
  version: PublishedVersion['version']
  fields: readonly { name: string; type: string; title: { fr: string; en: string }; description: string }[]
  followed: Followed
  /** Some rows, in the order of the fields. */
  preview: readonly (readonly string[])[]
  /** Sums by unit, series and `x`. */
  chart: Chart
}

export type Chart = Record<string, Record<string, Record<string, number>>>

export interface PublishedFile {
  name: string
  mediaType: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
}

export interface FoundFile {
  file: PublishedFile
  /** Where its bytes are, one after the other. */
  parts: readonly { path: string; bytes: number }[]
  /** ISO 8601, UTC. */
  publishedAt: string
}

export interface ChangePage {
  /** JSON texts of objects. */
  changes: readonly string[]
  next: string
  more: boolean
}
