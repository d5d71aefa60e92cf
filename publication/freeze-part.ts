import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { readParts } from './csv-reader.ts'
import {
  type Chart,
  type ChartValue,
  columnsOf,
  type Dataset,
  REVISION,
  type Row,
  subjectOf,
} from './dataset.ts'
import { CSV, FORMATS } from './formats.ts'
import { followDays } from './last-day.ts'
import { mergeRows } from './merge.ts'
import { HashedFile, keepAll, objectPath, type StoredObject, WORK_FOLDER } from './objects.ts'
import type { StagedPart } from './stage.ts'
import { type Change, type Part, type Span, type WithdrawalReason, withdrawalOf } from './version.ts'

export const GZIP_SUFFIX = '.csv.gz'

export interface FreezePartOptions {
  dataset: Dataset
  /** Of the publication. */
  folder: string
  staged: StagedPart
  /** The part of that name in the version before, and its columns. */
  before: { part: Part; columns: readonly string[] } | undefined
  /** What may be published, and of that the rows that may not. */
  allowed: ReadonlySet<string>
  isWithheld: ((row: Row) => boolean) | undefined
  note(change: Change): void
  timeZone: string
}

/** Freezes the rows of a part in each format, each row with its revision. */
export async function freezePart(options: FreezePartOptions): Promise<Part> {
  const { dataset, folder, staged, allowed, isWithheld, note, timeZone } = options
  const { fields, primaryKey } = dataset.schema
  const names = fields.map(({ name }) => name)
  const key = columnsOf(dataset.schema, primaryKey)
  const subject = columnsOf(dataset.schema, dataset.subject)
  const [revision] = columnsOf(dataset.schema, [REVISION.name]) as [number]
  const files = FORMATS.map((format, n) => ({
    format,
    file: new HashedFile(join(folder, WORK_FOLDER, `part-${n}`)),
  }))
  const measures: Record<string, number> = {}
  const chart: Chart = {}
  let period: Span | null = null
  const days = followDays(dataset, timeZone)
  let rows = 0
  const reasonOf = (row: Row): WithdrawalReason => {
    if (!allowed.has(subjectOf(row, subject))) return 'subject'
    return isWithheld?.(row) ? 'figure' : 'row'
  }

  for await (const { row, change } of mergeRows(staged.rows(), readBefore(options, names), key, revision)) {
    if (change === 'withdrawn') {
      note(withdrawalOf(row, key, reasonOf(row)))
      continue
    }
    if (change) note({ type: change, row })
    for (const { format, file } of files) file.write(format.record(row, fields))
    for (const [name, count] of Object.entries(dataset.measure?.(row) ?? {}))
      measures[name] = (measures[name] ?? 0) + count
    addToChart(chart, dataset.chart?.(row))
    period = widen(period, dataset.period?.of(row) ?? null)
    days.add(row)
    rows++
  }

  const objects: Record<string, StoredObject> = {}
  for (const { format, file } of files) objects[format.suffix] = file.keepIn(folder)
  const csv = createReadStream(objectPath(folder, objects[CSV.suffix]!.sha256))
  objects[GZIP_SUFFIX] = await keepAll(folder, 'part.gz', csv.pipe(createGzip()))
  return {
    ...{ name: staged.name, rows, rowsHash: staged.hash, period, lastKnown: days.lastKnown() },
    ...{ measures, chart, objects },
  }
}

/** The rows of the version before, in today's columns: '' in those that it had not. */
async function* readBefore(
  { folder, before }: FreezePartOptions,
  names: readonly string[],
): AsyncGenerator<Row> {
  if (!before) return
  const from = names.map(name => before.columns.indexOf(name))
  for await (const row of readParts(folder, [before.part])) yield from.map(at => row[at] ?? '')
}

export function addToChart(chart: Chart, value: ChartValue | undefined): void {
  if (!value) return
  const { unit, series, x, y } = value
  chart[unit] ??= {}
  chart[unit][series] ??= {}
  chart[unit][series][x] = (chart[unit][series][x] ?? 0) + y
}

/** From the first start to the last end, as they stand in the rows. */
export function widen(a: Span | null, b: Span | null): Span | null {
  if (!a || !b) return a ?? b
  return { start: a.start < b.start ? a.start : b.start, end: a.end > b.end ? a.end : b.end }
}
