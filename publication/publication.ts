import { readFile } from 'node:fs/promises'
import type { Registry } from '../registry/registry.ts'
import type { Text } from '../registry/schema.ts'
import { type CatalogueRequest, type ToldDataset, writeCatalogue } from './catalogue.ts'
import { type ChangePage, changesSince, changeText, EndedCursorError } from './changes.ts'
import { readParts } from './csv-reader.ts'
import { describePackage } from './data-package.ts'
import { dataServices } from './data-services.ts'
import type { Chart, Dataset, Row } from './dataset.ts'
import { DATASETS, SCHEMAS } from './datasets.ts'
import type { NewestOf, ToldExclusion, ToldGap } from './followed.ts'
import { QUALITY_SUFFIX, SUFFIXES } from './freeze.ts'
import { addToChart } from './freeze-part.ts'
import { lastCompleteDay } from './last-day.ts'
import { describeProvenance } from './provenance.ts'
import type { Published, PublishedVersion } from './published.ts'
import { createPublishedRows, type PublishedRows } from './published-rows.ts'
import type { Queries } from './query/queries.ts'
import { createRowReader } from './row-reader.ts'
import { schemaChangelog, schemaPath, schemaReadme, tableSchema } from './table-schema.ts'
import type { Part, Version, VersionFile } from './version.ts'

/** A file of a version, and where its bytes are, in their order. */
export interface FoundFile {
  file: VersionFile
  parts: { path: string; bytes: number }[]
  publishedAt: string
}

/** What people are shown of a dataset. */
export interface DatasetPage
  extends Pick<Dataset, 'id' | 'title' | 'description' | 'keywords' | 'frequency'> {
  version: Version
  fields: { name: string; type: string; title: Text; description: string }[]
  /** What the quality report says of single times. */
  followed: { gaps?: NewestOf<ToldGap>; exclusions?: NewestOf<ToldExclusion> }
  /** The first rows of the newest part, in the order of the fields. */
  preview: Row[]
  chart: Chart
}

const PREVIEW_ROWS = 10

export interface ToldChanges extends Omit<ChangePage, 'changes'> {
  /** JSON texts of objects. */
  changes: string[]
}

/** The open data of a territory, as it was last published. */
export interface Publication {
  readonly datasets: readonly Dataset[]
  /** How the public reaches the hub, without a slash at the end. */
  baseUrl(): string
  /** The dataset that has a file of that name, or has had one. */
  datasetOf(file: string): string | undefined
  /** All versions of a dataset, the newest last; undefined for an unknown one. */
  versions(dataset: string): readonly PublishedVersion[] | undefined
  latest(dataset: string): PublishedVersion | undefined
  /** A file by its name, of a version. */
  file(version: PublishedVersion, name: string): FoundFile | undefined
  /** A page of what changed since a cursor, as JSON texts; undefined where that leads nowhere any more. */
  changes(dataset: string, since: string | undefined, limit: number): Promise<ToldChanges | undefined>
  /** The last local date that was over when that was last looked at, and of which something is told. */
  lastCompleteDay(dataset: string): string | undefined
  /** When the newest version was last found to be complete, ms UTC. */
  checkedAt(dataset: string): number | undefined
  /** Until when the next publication should be done, ms UTC. */
  dueAt(dataset: string): number | undefined
  /** Where a version comes from: PROV-O as a JSON-LD object. */
  provenance(version: PublishedVersion): Record<string, unknown>
  /** A page of the DCAT catalogue; undefined where there is no such page. */
  catalogue(request: CatalogueRequest): string | undefined
  readonly rows: PublishedRows
  /** A Data Package of the newest versions. */
  dataPackage(): Record<string, unknown>
  /** A Data Package of one. */
  versionPackage(version: PublishedVersion): Record<string, unknown>
  /** What people are shown of a dataset; undefined while there is nothing. */
  page(dataset: string): Promise<DatasetPage | undefined>
  /** A version of a Table Schema, with its address as `path`; undefined for an unknown one. */
  tableSchema(schema: string, version: string): Record<string, unknown> | undefined
  /** The documents beside a Table Schema. */
  schemaDocument(schema: string, name: 'README.md' | 'CHANGELOG.md'): string | undefined
}

/** @param baseUrl how the public reaches this hub, without a slash at the end; asked when something is told */
export function createPublication({
  registry,
  published,
  folder,
  queries,
  baseUrl,
  dueAt,
}: {
  registry: Registry
  published: Published
  /** Of the published versions. */
  folder: string
  queries: Queries
  baseUrl(): string
  /** See {@link createSchedule}. */
  dueAt(checkedAt: number | undefined): number | undefined
}): Publication {
  const byId = new Map(DATASETS.map(dataset => [dataset.id, dataset]))
  const reader = createRowReader()
  const schemaOf = (id: string) => SCHEMAS.find(schema => schema.id === id)
  const told = (): ToldDataset[] =>
    DATASETS.flatMap(dataset => {
      const latest = published.latest(dataset.id)
      const [first] = published.versions(dataset.id)
      return latest ? [{ dataset, version: latest.version, issued: first!.version.publishedAt }] : []
    })
  return {
    datasets: DATASETS,
    baseUrl,
    datasetOf: file =>
      DATASETS.find(({ id }) => file.startsWith(id) && SUFFIXES.has(file.slice(id.length)))?.id,
    versions: dataset => (byId.has(dataset) ? published.versions(dataset) : undefined),
    latest: published.latest,
    file({ version }, name) {
      const file = version.files.find(each => each.name === name)
      return file && { file, parts: published.objects(version, name), publishedAt: version.publishedAt }
    },
    async changes(dataset, since, limit) {
      const page = await changesSince(dataset, { published, folder, rows: reader }, since, limit).catch(
        endedCursor,
      )
      if (!page) return undefined
      const { fields } = byId.get(dataset)!.schema
      return { ...page, changes: page.changes.map(change => changeText(change, fields)) }
    },
    lastCompleteDay(id) {
      const version = published.latest(id)?.version
      if (!version) return undefined
      const time = Math.max(published.checked(id)?.time ?? 0, Date.parse(version.publishedAt))
      const { parts } = published.makeup(version)
      return lastCompleteDay(byId.get(id)!, parts, time, registry.territory.timeZone)
    },
    checkedAt: dataset => published.checked(dataset)?.time,
    dueAt: dataset => dueAt(published.checked(dataset)?.time),
    provenance({ version }) {
      const { schema } = byId.get(version.dataset)!
      const schemaUrl = `${baseUrl()}${schemaPath(schema.id, version.schema)}`
      return describeProvenance(registry.territory, version, { baseUrl: baseUrl(), schemaUrl })
    },
    catalogue: request =>
      writeCatalogue(registry.territory, told(), dataServices(registry), baseUrl(), request),
    rows: createPublishedRows({ datasets: byId, published, folder, queries }),
    dataPackage: () =>
      describePackage(
        registry.territory,
        { name: 'donnees-ouvertes', title: 'Données ouvertes', told: told() },
        baseUrl(),
      ),
    versionPackage({ version }) {
      const dataset = byId.get(version.dataset)!
      const title = `${dataset.title.fr}, version ${version.version}`
      const name = `${dataset.id}-${version.version}`
      return describePackage(registry.territory, { name, title, told: [{ dataset, version }] }, baseUrl())
    },
    async page(id) {
      const dataset = byId.get(id)
      const latest = published.latest(id)
      if (!dataset || !latest) return undefined
      const { version } = latest
      const { parts } = published.makeup(version)
      const { title, description, keywords, frequency, schema } = dataset
      return {
        ...{ id, title, description, keywords, frequency, version },
        fields: schema.fields.map(({ name, type, title, titleEn, description }) => ({
          ...{ name, type, title: { fr: title, en: titleEn }, description },
        })),
        followed: await followedIn(published, version),
        preview: await firstRows(folder, parts.slice(-1), PREVIEW_ROWS),
        chart: sumCharts(parts.map(({ chart }) => chart)),
      }
    },
    tableSchema(id, version) {
      const schema = schemaOf(id)
      return schema && tableSchema(schema, version, `${baseUrl()}${schemaPath(id, version)}`)
    },
    schemaDocument(id, name) {
      const schema = schemaOf(id)
      return schema && (name === 'README.md' ? schemaReadme(schema) : schemaChangelog(schema))
    },
  }
}

function endedCursor(error: unknown): undefined {
  if (!(error instanceof EndedCursorError)) throw error
  return undefined
}

async function followedIn(published: Published, version: Version): Promise<DatasetPage['followed']> {
  const objects = published.objects(version, version.dataset + QUALITY_SUFFIX)
  const texts = await Promise.all(objects.map(({ path }) => readFile(path, 'utf8')))
  const { gaps, exclusions } = JSON.parse(texts.join('')) as DatasetPage['followed']
  return { ...(gaps && { gaps }), ...(exclusions && { exclusions }) }
}

async function firstRows(folder: string, parts: readonly Part[], count: number): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of readParts(folder, parts)) if (rows.push(row) >= count) break
  return rows
}

function sumCharts(charts: readonly Chart[]): Chart {
  const sum: Chart = {}
  for (const chart of charts)
    for (const [unit, all] of Object.entries(chart))
      for (const [series, points] of Object.entries(all))
        for (const [x, y] of Object.entries(points)) addToChart(sum, { unit, series, x, y })
  return sum
}
