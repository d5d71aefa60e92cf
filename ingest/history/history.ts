import { createHash } from 'node:crypto'
import { basename, extname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Rejected } from '../../bus/envelope.ts'
import { emptyColumns, pushReading } from '../../model/reading.ts'
import { type CopyOptions, readContent } from '../../store/file-copy.ts'
import type { ImportPortion } from '../import.ts'
import { RowError } from '../times.ts'
import type { ColumnNames } from './columns.ts'
import { readCsvRows } from './csv-rows.ts'
import { readParquetRows } from './parquet-rows.ts'
import { type HistoryRow, openRowReader, type RowReading } from './row.ts'

/** A file of readings of the past, and how it is to be understood. */
export interface History extends ColumnNames, RowReading {
  file: string
  format: HistoryFormat
}

export const HISTORY_FORMATS = ['csv', 'parquet'] as const
export type HistoryFormat = (typeof HISTORY_FORMATS)[number]

/** By its ending. */
export function formatOf(file: string): HistoryFormat | undefined {
  return HISTORY_FORMATS.find(format => extname(file).toLowerCase() === `.${format}`)
}

/** What a file holds, found out before anything of it is written. */
export interface Survey {
  rows: number
  /** How many rows of each point that the registry does not know. */
  unknown: Map<string, number>
  /** Rows that are no readings: how many, and what is wrong with the first of them. */
  unreadable: number
  faults: string[]
}

interface UnreadableRow extends Rejected {
  entry: HistoryRow & { file: string }
}

/** A write costs about as much as 20,000 rows. */
const PORTION_ROWS = 20_000
/** Rows between two turns of the event loop: some milliseconds. */
const TURN_ROWS = 1000
const FAULTS_TOLD = 10

/**
 * Stands for the content as it is understood: the same file read in another way holds other readings.
 * @throws Error of the file system
 */
export async function identify(history: History, options?: CopyOptions): Promise<string> {
  const { sha256 } = await readContent(history.file, options)
  const { format, names, point, timeZone } = history
  return createHash('sha256')
    .update(JSON.stringify([sha256, format, names, point, timeZone]))
    .digest('hex')
}

/** @throws Error naming the file where it cannot be read to its end */
export async function surveyHistory(history: History, onRows: (rows: number) => void): Promise<Survey> {
  const survey: Survey = { rows: 0, unknown: new Map(), unreadable: 0, faults: [] }
  for await (const { readings, rejected, rows } of readPortions(history)) {
    survey.rows += rows
    survey.unreadable += rejected.length
    for (const { reason, entry } of rejected.slice(0, FAULTS_TOLD - survey.faults.length))
      survey.faults.push(`${entry.file}, ${entry.place}: ${reason}`)
    for (const point of readings.points)
      if (history.kindOf(point) === undefined) survey.unknown.set(point, (survey.unknown.get(point) ?? 0) + 1)
    onRows(survey.rows)
  }
  return survey
}

/** The readings of a file in its order, in portions that are always the same. */
export async function* readHistory(history: History): AsyncGenerator<ImportPortion> {
  for await (const { readings, rejected } of readPortions(history))
    yield { ...readings, unreadable: rejected }
}

async function* readPortions(history: History) {
  const { file, format } = history
  const read = openRowReader(history)
  const begin = () => ({ readings: emptyColumns(), rejected: [] as UnreadableRow[], rows: 0 })
  let portion = begin()
  for await (const row of (format === 'csv' ? readCsvRows : readParquetRows)(file, history)) {
    try {
      pushReading(portion.readings, read(row))
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      const entry = { file: basename(file), ...row }
      portion.rejected.push({ number: portion.rows, reason: error.message, entry })
    }
    portion.rows++
    if (portion.rows % TURN_ROWS === 0) await setImmediate()
    if (portion.rows < PORTION_ROWS) continue
    yield portion
    portion = begin()
  }
  if (portion.rows > 0) yield portion
}
