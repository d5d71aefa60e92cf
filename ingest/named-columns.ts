import { readCsvFile } from './csv-file.ts'

/** Files whose columns have fixed names, in any order. */

/** Whether a CSV file has a column of this name. */
export async function hasColumn(file: string, name: string): Promise<boolean> {
  for await (const { cells } of readCsvFile(file)) return cells.map(normalised).includes(name)
  return false
}

interface NamedColumns<C extends string> {
  /** What the file is of, in words. */
  of: string
  columns: readonly C[]
  /** The columns that are missing, given those that are there, in words. */
  missing(names: readonly string[]): string[]
}

/**
 * The columns of a header.
 * @throws Error naming the file where one is missing, unknown or there twice
 */
export function columnsOf<C extends string>(
  header: readonly string[],
  file: string,
  { of, columns, missing: missingOf }: NamedColumns<C>,
): C[] {
  const names = header.map(normalised)
  const unknown = names.filter(name => !columns.includes(name as C))
  const twice = names.filter((name, at) => names.indexOf(name) !== at)
  const missing = missingOf(names)
  const faults = [
    missing.length > 0 && `there is no column ${missing.join(', ')}`,
    unknown.length > 0 && `there is a column ${unknown.join(', ')}, which means nothing here`,
    twice.length > 0 && `there are two columns ${twice.join(', ')}`,
  ].filter(fault => fault !== false)
  if (faults.length > 0)
    throw new Error(`${file}: ${faults.join('; ')}; a file of ${of} has ${columns.join(', ')}`)
  return names as C[]
}

function normalised(name: string): string {
  return name.trim().toLowerCase()
}
