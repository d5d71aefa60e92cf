import { parse } from 'csv-parse/sync'
import { csvForm } from '../../model/csv.ts'
import type { Problem } from '../problem.ts'
import { COLUMNS, type Column, columnNamed, IDENTIFYING, NEEDED } from './columns.ts'

/** One line of a point list, by column; cells that are empty are not there. */
export interface Row {
  /** From 1: the header is the first. */
  line: number
  cells: ReadonlyMap<Column, { text: string; column: number }>
}

interface Rows {
  /** None where it is not known of which point a line speaks. */
  rows: Row[]
  /** Those of the header. */
  columns: ReadonlySet<string>
  problems: Problem[]
}

/**
 * Cuts a point list into rows: UTF-8, UTF-16 or Windows-1252, with semicolons, commas or tabs between the cells. A
 * column that nobody knows hides nothing of the others.
 */
export function readRows(bytes: Buffer, file: string): Rows {
  const { encoding, delimiter } = csvForm(bytes)
  let records: { record: string[]; info: { lines: number } }[]
  try {
    const text = new TextDecoder(encoding).decode(bytes)
    records = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as never
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number }
    const problem = { file, line: lines ?? 1, column: 1, path: '', message }
    return { rows: [], columns: new Set(), problems: [problem] }
  }
  const [header, ...body] = records
  const { found, problems } = readHeader(header?.record ?? [], file)
  const columns = new Set(found.flatMap(column => column?.name ?? []))
  if (!IDENTIFYING.every(name => columns.has(name))) return { rows: [], columns, problems }
  const rows = body.map(({ record, info }): Row => {
    const cells = found.flatMap((column, i) => {
      const text = record[i] ?? ''
      return text === '' || !column ? [] : [[column, { text, column: i + 1 }] as const]
    })
    return { line: info.lines, cells: new Map(cells) }
  })
  return { rows: rows.filter(({ cells }) => cells.size > 0), columns, problems }
}

function readHeader(
  header: readonly string[],
  file: string,
): { found: (Column | undefined)[]; problems: Problem[] } {
  const found = header.map(columnNamed)
  const problem = (column: number, path: string, message: string) => ({
    file,
    line: 1,
    column,
    path,
    message,
  })
  const firstUnknown = found.indexOf(undefined)
  const problems = found.flatMap((column, i): Problem[] => {
    const name = header[i]!.trim()
    if (!column) {
      const known = i === firstUnknown ? `; there are ${COLUMNS.map(({ name }) => name).join(', ')}` : ''
      return [problem(i + 1, name, `unknown column${known}`)]
    }
    return found.indexOf(column) === i ? [] : [problem(i + 1, name, 'is there twice')]
  })
  for (const name of NEEDED) {
    if (!found.some(column => column?.name === name))
      problems.push(problem(1, name, 'this column is missing'))
  }
  return { found, problems }
}
