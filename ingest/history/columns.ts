import type { HistoryRow } from './row.ts'

/** The columns that a file of history may have; the first two and a value must be there. */
export const HISTORY_COLUMNS = [
  'point',
  'time',
  'value',
  'num',
  'bool',
  'text',
  'quality',
  'gateway_time',
] as const
export type HistoryColumn = (typeof HISTORY_COLUMNS)[number]

export interface ColumnNames {
  /** What the file calls a column, where it is not as above. */
  names: Partial<Record<HistoryColumn, string>>
  /** The point of every row, in place of a column. */
  point?: string
}

/**
 * Where each column stands in a file.
 * @throws Error naming what is missing and what there is
 */
export function findColumns(
  header: readonly string[],
  { names, point }: ColumnNames,
): Map<HistoryColumn, number> {
  const present = header.map(name => name.trim().toLowerCase())
  const found = new Map<HistoryColumn, number>()
  for (const column of HISTORY_COLUMNS) {
    const name = names[column]
    const index = present.indexOf((name ?? column).trim().toLowerCase())
    if (index >= 0) found.set(column, index)
    else if (name !== undefined) throw new Error(`there is no column ${name}; there are ${header.join(', ')}`)
  }
  const missing = [
    !found.has('time') && 'time',
    !found.has('point') && point === undefined && 'point',
    !VALUES.some(([column]) => found.has(column)) && 'value',
  ].filter(column => column !== false)
  if (missing.length > 0)
    throw new Error(
      `there is no column ${missing.join(', ')}, but ${header.join(', ')}: ` +
        'say which it is with --columns time=…,value=… (and --point for a file of one point)',
    )
  return found
}

/** Where a value may stand, and what it is there. */
const VALUES = [
  ['value', undefined],
  ['num', 'number'],
  ['bool', 'boolean'],
  ['text', 'string'],
] as const

/** A row's cells by column. */
export function pickCells(
  cells: readonly unknown[],
  columns: ReadonlyMap<HistoryColumn, number>,
  point?: string,
): Omit<HistoryRow, 'place'> {
  const cell = (column: HistoryColumn): unknown => {
    const index = columns.get(column)
    return index === undefined ? null : (cells[index] ?? null)
  }
  const held = VALUES.find(([column]) => cell(column) !== null && cell(column) !== '')
  return {
    point: point ?? String(cell('point') ?? '').trim(),
    time: cell('time'),
    value: held ? cell(held[0]) : null,
    kind: held?.[1],
    quality: cell('quality'),
    gatewayTime: cell('gateway_time'),
  }
}
