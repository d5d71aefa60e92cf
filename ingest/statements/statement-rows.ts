import { basename } from 'node:path'
import { type Stating, StatingError, takeStatement } from '../../model/state.ts'
import type { Statement } from '../../model/statement.ts'
import type { Registry } from '../../registry/registry.ts'
import { readCsvFile } from '../csv-file.ts'
import { columnsOf, hasColumn } from '../named-columns.ts'

/** The columns of a file of statements: `meter`, and what is stated of it. */
const COLUMNS = [
  'meter',
  'origin',
  'at',
  'from',
  'to',
  'index',
  'amount',
  'unit',
  'author',
  'source',
  'reason',
] as const
type StatementColumn = (typeof COLUMNS)[number]

/** What a file of statements holds. */
export interface StatementFile {
  statements: Statement[]
  /** What is wrong with the other rows, each with file and line. */
  faults: string[]
}

export interface StatementReading {
  registry: Registry
  /** Who states it, where the file does not say. */
  author: string
  /** ms UTC */
  now: number
}

/** Whether a CSV file holds statements on meters: only those have a column for the meter. */
export function holdsStatements(file: string): Promise<boolean> {
  return hasColumn(file, 'meter')
}

/**
 * Reads a file of statements on meters, see docs/facility-managers.md.
 * @throws Error naming the file where it cannot be read, or its columns are not those of statements
 */
export async function readStatements(file: string, reading: StatementReading): Promise<StatementFile> {
  const { registry, author, now } = reading
  const { timeZone } = registry.territory
  const found: StatementFile = { statements: [], faults: [] }
  let columns: StatementColumn[] | undefined
  for await (const { cells, line } of readCsvFile(file)) {
    if (!columns) {
      columns = columnsOf(cells, file, { of: 'statements', columns: COLUMNS, missing: missingIn })
      continue
    }
    const row = Object.fromEntries(columns.map((column, at) => [column, cells[at]])) as Row
    const { meter: id = '', origin = '', ...rest } = row
    const place = `${basename(file)}, line ${line}`
    const meter = registry.meters.get(id.trim())
    if (!meter) {
      found.faults.push(`${place}: meter: there is no meter ${id.trim() || '(empty)'} in the registry`)
      continue
    }
    const stating: Stating = {
      ...rest,
      origin,
      author: rest.author?.trim() || author,
      source: rest.source?.trim() || place,
    }
    try {
      found.statements.push(takeStatement(stating, meter, { timeZone, now }))
    } catch (error) {
      if (!(error instanceof StatingError)) throw error
      found.faults.push(`${place}: ${error.field}: ${error.message}`)
    }
  }
  return found
}

type Row = Partial<Record<StatementColumn, string>>

function missingIn(names: readonly string[]): string[] {
  const missing = ['meter', 'origin'].filter(name => !names.includes(name))
  return names.includes('index') || names.includes('amount') ? missing : [...missing, 'index or amount']
}
