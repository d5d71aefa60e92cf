import { BYTE_ORDER_MARK } from '../../model/csv.ts'
import type { Cell } from '../../model/row-query.ts'
import type { Result } from './odsql/query.ts'
import { type Clocks, tellResult, tellRow } from './tell.ts'

/** Results, and for each of them the cells that it is told of. */
export interface Told {
  results: readonly Result[]
  rows: AsyncIterable<readonly Cell[]>
  clocks: Clocks
}

export interface CsvForm {
  delimiter: string
  listSeparator: string
  quoteAll: boolean
  withBom: boolean
  useLabels: boolean
}

export async function* writeJson({ results, rows, clocks }: Told): AsyncGenerator<string> {
  yield '['
  let between = '\n'
  for await (const row of rows) {
    yield between + JSON.stringify(tellRow(results, row, clocks))
    between = ',\n'
  }
  yield '\n]\n'
}

export async function* writeJsonLines({ results, rows, clocks }: Told): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(tellRow(results, row, clocks))}\n`
}

/** RFC 7946: each row a feature at its position, which is no property of it; without one where there is none. */
export async function* writeGeoJson({ results, rows, clocks }: Told): AsyncGenerator<string> {
  const position = results.find(({ type }) => type === 'geo_point_2d')
  const properties = results.filter(result => result !== position)
  yield '{"type":"FeatureCollection","features":['
  let between = '\n'
  for await (const row of rows) {
    const at = position && (tellResult(position, row, clocks) as { lon: number; lat: number } | null)
    const geometry = at ? { type: 'Point', coordinates: [at.lon, at.lat] } : null
    yield between +
      JSON.stringify({ type: 'Feature', geometry, properties: tellRow(properties, row, clocks) })
    between = ',\n'
  }
  yield '\n]}\n'
}

export async function* writeCsv({ results, rows, clocks }: Told, form: CsvForm): AsyncGenerator<string> {
  const heads = results.map(({ name, label }) => (form.useLabels ? label : name))
  yield (form.withBom ? BYTE_ORDER_MARK : '') + writeCells(heads, form)
  for await (const row of rows)
    yield writeCells(
      results.map(result => tellResult(result, row, clocks)),
      form,
    )
}

/** A line of a CSV file. */
export function writeCells(cells: readonly unknown[], form: CsvForm): string {
  return `${cells.map(cell => writeCell(cell, form)).join(form.delimiter)}\r\n`
}

function writeCell(value: unknown, { delimiter, listSeparator, quoteAll }: CsvForm): string {
  if (value === null || value === undefined) return ''
  const text = textOf(value, listSeparator)
  const needsQuotes =
    text.includes(delimiter) || /["\r\n]/.test(text) || (quoteAll && typeof value === 'string')
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text
}

function textOf(value: unknown, listSeparator: string): string {
  if (Array.isArray(value)) return value.join(listSeparator)
  if (typeof value !== 'object' || value === null) return String(value)
  const { lat, lon } = value as { lat?: number; lon?: number }
  return lat === undefined ? JSON.stringify(value) : `${lat}, ${lon}`
}

const CHUNK = 64 * 1024

/** Small texts as few larger ones. */
export async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = ''
  for await (const text of texts) {
    chunk += text
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}
