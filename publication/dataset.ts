import type { Registry } from '../registry/registry.ts'
import type { Text } from '../registry/schema.ts'
import type { FigureStore } from '../store/figures.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { AlertLife } from '../store/records.ts'
import type { ClimateSource } from './climate.ts'
import type { Span } from './version.ts'
import type { PublishedFigures } from './withdrawal.ts'

/** A column: a field of a Table Schema (https://specs.frictionlessdata.io/table-schema/), in both languages. */
export interface Field {
  name: string
  title: string
  titleEn: string
  description: string
  type: 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'datetime'
  example: string
  constraints?: Record<string, unknown>
  /** UCUM codes by the label that the column shows. */
  ucum?: Record<string, string>
  /** The version of the schema that it came with; default: the first. */
  since?: string
}

/** A version of the columns of a dataset; later ones stand only behind those of an earlier one. */
export interface TableSchema {
  /** Under which its addresses and files are. */
  id: string
  name: string
  title: string
  description: string
  version: string
  /** Local date. */
  created: string
  /** What comes with a later version stands behind what was there before. One is {@link REVISION}. */
  fields: readonly Field[]
  /** What tells rows apart, and their order within a part. */
  primaryKey: readonly string[]
  /** What changed with each version, newest first. */
  changes: readonly { version: string; date: string; text: Text }[]
}

/** A row as text, in the order of the fields; '' where nothing is known. */
export type Row = readonly string[]

/** What rows are made of. */
export interface Sources extends ClimateSource {
  figures: Pick<FigureStore, 'consumption'>
  /** By which it is known that figures are what they were; absent where all is to be computed. */
  digests?: Pick<FigureStore, 'digests'>
  excluded: Pick<FigureStore, 'exclusions'>
  readings: Pick<ReadingStore, 'aggregate' | 'series'>
  records: { alertLives(from: number, to: number): AlertLife[] | Promise<AlertLife[]> }
}

export interface RowContext {
  registry: Registry
  sources: Sources
  /** ms UTC: what has not ended by then is not in it. */
  now: number
}

/** The rows of a part, and what they are made of. */
export interface PartOfRows {
  name: string
  /** Of equal texts the rows are equal, to the last cell, and so are the notes. */
  basis: string
  /** In chunks, in the order of the primary key; the notes, to be written as JSON, are complete once all have come. */
  rows(): { rows: AsyncIterable<readonly Row[]>; notes: unknown }
  /** Takes the notes of this part, before the next one is asked for. */
  follow(notes: unknown): void
}

/** Rows that can be computed part by part. */
export interface PartwiseRows {
  /** In the order of their names. */
  parts(): AsyncIterable<PartOfRows>
  /** Of parts whose rows were computed those that are made of the same still: what they are made of may change meanwhile. */
  unchanged<P extends PartOfRows>(parts: readonly P[]): Promise<P[]>
  /** What the quality report says of the rows, by key, once all notes were followed. */
  remarks(): Promise<Record<string, unknown>>
}

export interface ChartValue {
  unit: string
  series: string
  x: string
  y: number
}

/** Sums by unit, series and `x`. */
export type Chart = Record<string, Record<string, Record<string, number>>>

export interface RowPeriod {
  /** The field of when a row begins. */
  start: string
  /** Dates or instants as they stand in the row, `end` exclusive. */
  of(row: Row): Span
}

/** Something that is published, and where its rows come from. */
export interface Dataset {
  /** Stable for ever: harvesters know the dataset by it, and its files are named after it. */
  id: string
  title: Text
  description: Text
  keywords: readonly string[]
  /** Codes of the EU authority table of data themes. */
  themes: readonly ('ENER' | 'ENVI' | 'GOVE' | 'REGI' | 'TRAN')[]
  /** Code of the EU frequency authority table. */
  frequency: 'HOURLY' | 'DAILY' | 'MONTHLY' | 'ANNUAL' | 'IRREG'
  schema: TableSchema
  /** When rows are of; absent where they have no time. */
  period?: RowPeriod
  /** Whether a row tells something of its time; absent where each does. */
  isKnown?(row: Row): boolean
  /** The last local date of which all was told at an instant; absent where what has no row is not known. */
  toldUntil?(time: number, timeZone: string): string
  /** Fields of a position in WGS 84, degrees: with it the dataset is GeoJSON, too. */
  position?: { longitude: string; latitude: string }
  /** Fields that together name what may be withdrawn as a whole, such as the consumption of a building. */
  subject: readonly string[]
  /** Which part of the files a row is in. Parts are frozen by themselves, in the order of their names. */
  partOf(row: Row): string
  /** What a row adds to the chart of its page: the sums of a series in a unit, by `x`, which sort in their order. */
  chart?(row: Row): ChartValue | undefined
  /** Counts for the quality report. */
  measure?(row: Row): Record<string, number>
  /**
   * In chunks; those of a part in the order of the primary key. Which revision a row is, is not known yet: ''.
   * @param remarks filled with what the quality report says of the rows, by key, once all have come
   */
  rows(context: RowContext, remarks?: Record<string, unknown>): AsyncIterable<readonly Row[]>
  /** The same rows part by part, where only those parts need to be computed that are made of something else than before. */
  inParts?(context: RowContext): Promise<PartwiseRows>
  /** What may be published now, whether there are rows of it or not: the values of `subject`, joined by a space. */
  subjects(context: RowContext): ReadonlySet<string>
  /** Whether a row may not be published now, though its subject may. */
  isWithheld?(context: RowContext): (row: Row) => boolean
  /** What is told now, as far as anything could be computed from it. */
  figures?(context: RowContext): PublishedFigures
  /** What is not published and why, for the quality report. */
  suppressions?(context: RowContext): readonly object[]
}

/** The column that every dataset has: how often the row was published otherwise before. */
export const REVISION: Field = {
  name: 'revision',
  title: 'Révision',
  titleEn: 'Revision',
  description:
    'Nombre de fois où la ligne a été publiée avec d’autres valeurs auparavant ; 0 pour une ligne jamais révisée.',
  type: 'integer',
  example: '0',
  constraints: { required: true, minimum: 0 },
}

/** Where fields are in a row. */
export function columnsOf({ fields }: TableSchema, names: readonly string[]): number[] {
  return names.map(name => fields.findIndex(field => field.name === name))
}

/** The time of a row that stands in two of its fields. */
export function periodIn(schema: TableSchema, start: string, end: string): RowPeriod {
  const [from, to] = columnsOf(schema, [start, end]) as [number, number]
  return { start, of: row => ({ start: row[from]!, end: row[to]! }) }
}

export function subjectOf(row: Row, columns: readonly number[]): string {
  return columns.map(column => row[column]).join(' ')
}
