import type { Readable } from 'node:stream'
import type { Cell, Column, Condition, RowPage, RowQuery } from '../model/row-query.ts'
import { DAY_MS } from '../model/time.ts'
import { readParts, readRecords } from './csv-reader.ts'
import type { Dataset, Field, Row } from './dataset.ts'
import { CSV } from './formats.ts'
import { PARQUET_SUFFIX } from './freeze.ts'
import { objectPath } from './objects.ts'
import type { Published, PublishedVersion } from './published.ts'
import { conjuncts, planLookup } from './query/lookup.ts'
import type { LookupOperations, LookupPart, ToldRows } from './query/lookup-rows.ts'
import type { Queries } from './query/queries.ts'
import { fieldsOf } from './table-schema.ts'
import type { Makeup, Part } from './version.ts'

/** To be closed, read or not. */
export interface RowCopy {
  rows: AsyncIterable<Row>
  close(): void
}

/** Answers questions to the rows of versions that are told. */
export interface PublishedRows {
  columns(version: PublishedVersion): readonly Field[]
  ask(version: PublishedVersion, query: RowQuery): Promise<RowPage>
  /** The same of rows as they are, as JSON. */
  tell(version: PublishedVersion, query: RowQuery): Promise<ToldRows>
  /** How many rows or groups a query has, whatever its limit. */
  count(version: PublishedVersion, query: RowQuery): Promise<number>
  /** All rows in the order of the files, as texts in the order of the columns; '' where nothing is known. */
  all(version: PublishedVersion): AsyncIterable<Row>
  /** What a query yields, without a limit: rows of texts, for each the cells of `ask`. */
  copy(version: PublishedVersion, query: RowQuery): Promise<RowCopy>
  /** The same as the bytes of a Parquet file. */
  copyParquet(version: PublishedVersion, query: RowQuery, compression: 'snappy' | 'zstd'): Promise<Readable>
  /** The same of rows that are at hand, in the order of the columns. */
  askGiven(rows: readonly (readonly Cell[])[], columns: readonly Column[], query: RowQuery): Promise<RowPage>
}

/** @param folder of the published versions */
export function createPublishedRows({
  datasets,
  published,
  folder,
  queries,
}: {
  datasets: ReadonlyMap<string, Dataset>
  published: Published
  folder: string
  queries: Queries
}): PublishedRows {
  const columns = ({ version }: PublishedVersion) =>
    fieldsOf(datasets.get(version.dataset)!.schema, version.schema)!
  const parquet = ({ version }: PublishedVersion) =>
    published.objects(version, version.dataset + PARQUET_SUFFIX)[0]!.path

  const layouts = new WeakMap<Makeup, PlacedPart[]>()

  /** What the database would answer; undefined where it has to be asked. */
  async function lookUp<K extends keyof LookupOperations>(
    name: K,
    told: PublishedVersion,
    query: RowQuery,
  ): Promise<ReturnType<LookupOperations[K]> | undefined> {
    const { schema, period } = datasets.get(told.version.dataset)!
    const fields = columns(told)
    const lookup = fields[0]!.name === schema.primaryKey[0] ? planLookup(query, fields) : undefined
    if (!lookup) return undefined
    const begins = period && query.where && boundsOf(query.where, period.start)
    const makeup = published.makeup(told.version)
    const parts = layouts
      .getOrInsertComputed(makeup, () => layOut(makeup.parts, folder))
      .filter(({ end, times }) => end > lookup.after && (!begins || !times || meet(times, begins)))
    return queries.lookUp(
      name,
      lookup,
      parts.map(({ path, before }) => ({ path, before })),
    )
  }

  async function ask(version: PublishedVersion, query: RowQuery): Promise<RowPage> {
    return (await lookUp('rows', version, query)) ?? queries.rows(parquet(version), columns(version), query)
  }

  return {
    columns,
    ask,
    async tell(version, query) {
      const found = await lookUp('tell', version, query)
      if (found) return found
      const { rows, last } = await queries.rows(parquet(version), columns(version), query)
      const objects = rows.map(row => Object.fromEntries(query.select.map(({ name }, at) => [name, row[at]])))
      return { json: Buffer.from(JSON.stringify(objects)), count: rows.length, last }
    },
    async count(version, query) {
      return (
        (await lookUp('count', version, query)) ?? queries.count(parquet(version), columns(version), query)
      )
    },
    all: ({ version }) => readParts(folder, published.makeup(version).parts),
    async copy(version, query) {
      const bytes = await queries.copy(parquet(version), columns(version), query, 'csv')
      return { rows: readRecords(bytes, '\n'), close: () => bytes.destroy() }
    },
    copyParquet: (version, query, compression) =>
      queries.copy(parquet(version), columns(version), query, compression),
    askGiven: queries.rows,
  }
}

/** Of times, ms UTC, both inclusive. */
interface Bounds {
  from: number
  to: number
}

interface PlacedPart extends LookupPart {
  /** How many rows stand before the next one. */
  end: number
  /** To the day: texts of instants have been compared that may have different offsets. */
  times: Bounds | undefined
}

function layOut(parts: readonly Part[], folder: string): PlacedPart[] {
  let end = 0
  return parts.map(({ rows, period, objects }) => {
    const before = end
    end += rows
    const times = period && {
      from: Date.parse(period.start) - DAY_MS,
      to: Date.parse(period.end) + DAY_MS,
    }
    return {
      ...{ path: objectPath(folder, objects[CSV.suffix]!.sha256), before, end },
      times: times ?? undefined,
    }
  })
}

/** Between which times a column lies where a condition is met, at least. */
function boundsOf(where: Condition, column: string): Bounds {
  const bounds = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  for (const condition of conjuncts(where)) {
    if (condition.kind !== 'compare') continue
    const { left, operator, right } = condition
    if (left.kind !== 'column' || left.column !== column || right.kind !== 'value') continue
    const time = Date.parse(String(right.value))
    if (operator === '=' || operator.startsWith('>')) bounds.from = Math.max(bounds.from, time)
    if (operator === '=' || operator.startsWith('<')) bounds.to = Math.min(bounds.to, time)
  }
  return bounds
}

function meet(a: Bounds, b: Bounds): boolean {
  return a.from <= b.to && a.to >= b.from
}
