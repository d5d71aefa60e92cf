import { BYTE_ORDER_MARK, spreadsheetRecord } from '../model/csv.ts'
import type { Dataset, Field, Row } from './dataset.ts'

/** How rows are written into a file that is its parts, one after the other. */
export interface Format {
  /** Behind the dataset's id. */
  suffix: string
  mediaType: string
  /** Before the first part. */
  head(fields: readonly Field[]): string
  record(row: Row, fields: readonly Field[]): string
}

/** RFC 4180: UTF-8 without a mark, commas, lines that end with CRLF. */
export const CSV: Format = {
  suffix: '.csv',
  mediaType: 'text/csv; charset=utf-8; header=present',
  head: fields => csvRecord(fields.map(({ name }) => name)),
  record: csvRecord,
}

/** As French spreadsheets open it: the mark by which they know UTF-8, semicolons, decimal commas. */
export const SPREADSHEET: Format = {
  suffix: '-tableur.csv',
  mediaType: 'text/csv; charset=utf-8; header=present',
  head: fields => BYTE_ORDER_MARK + spreadsheetRecord(fields.map(({ name }) => name)),
  record: (row, fields) =>
    spreadsheetRecord(row.map((cell, at) => (fields[at]!.type === 'number' ? cell.replace('.', ',') : cell))),
}

/** JSON Lines: an object a row; numbers with every digit that they were published with. */
export const JSON_LINES: Format = {
  suffix: '.jsonl',
  mediaType: 'application/jsonl; charset=utf-8',
  head: () => '',
  record: (row, fields) => `${jsonObject(row, fields)}\n`,
}

export const FORMATS: readonly Format[] = [CSV, SPREADSHEET, JSON_LINES]

/** A row as the text of a JSON object, null where nothing is known. */
export function jsonObject(row: Row, fields: readonly Field[]): string {
  return `{${fields.map(({ name, type }, at) => `${JSON.stringify(name)}:${jsonValue(row[at]!, type)}`).join(',')}}`
}

/** A feature of a GeoJSON file (RFC 7946) with the row as its properties; without a geometry where none is known. */
export function geoJsonFeature(row: Row, { schema, position }: Pick<Dataset, 'schema' | 'position'>): string {
  const at = (name: string) => row[schema.fields.findIndex(field => field.name === name)]!
  const [longitude, latitude] = [at(position!.longitude), at(position!.latitude)]
  const geometry = longitude === '' ? 'null' : `{"type":"Point","coordinates":[${longitude},${latitude}]}`
  return `{"type":"Feature","geometry":${geometry},"properties":${jsonObject(row, schema.fields)}}`
}

function csvRecord(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function jsonValue(cell: string, type: Field['type']): string {
  if (cell === '') return 'null'
  return type === 'number' || type === 'integer' || type === 'boolean' ? cell : JSON.stringify(cell)
}
