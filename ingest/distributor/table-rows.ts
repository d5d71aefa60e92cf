import type { TableRecord } from '../csv-file.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { Formats } from './formats.ts'
import { type DistributorRow, plain, type UnreadPart } from './rows.ts'

/** A table whose first part has not begun by this line has none. */
const SEARCHED_LINES = 100

/** The rows of a table in its order, by the formats that know the header above them. */
export async function* tableRows(
  records: AsyncIterable<TableRecord>,
  formats: Formats,
): AsyncGenerator<DistributorRow | UnreadPart> {
  const layouts = [...formats].flatMap(([name, format]) =>
    'table' in format.file ? [{ name, format, layout: format.file.table }] : [],
  )
  const heads = layouts.flatMap(({ layout }) => (layout.head ? [layout.head.map(plain)] : []))
  let head: Map<string, string> | undefined
  let headNames: string[] | undefined
  let part:
    | { name: string; until?: string | undefined; number: number; cells: Map<string, number> }
    | undefined
  let number = 0
  let isUnread = true
  for await (const { cells, line } of records) {
    if (cells.every(cell => cell.trim() === '')) continue
    if (number === 0 && line > SEARCHED_LINES) return
    const names = cells.map(plain)
    if (headNames) {
      head = new Map(headNames.map((name, at) => [name, cells[at]?.trim() ?? '']))
      headNames = undefined
      continue
    }
    if (heads.some(wanted => wanted.every(name => names.includes(name)))) {
      headNames = names
      part = undefined
      isUnread = true
      continue
    }
    const found = layouts.find(({ format, layout }) => isHeader(names, head, format, layout))
    if (found) {
      const at = new Map(names.map((name, position) => [name, position] as const))
      part = { name: found.name, until: found.layout.until, number: number++, cells: at }
      isUnread = false
      continue
    }
    if (part?.until !== undefined && plain(cells[0] ?? '') === plain(part.until)) {
      part = undefined
      // What follows belongs to the part.
      isUnread = false
      continue
    }
    if (!part) {
      if (isUnread) yield { line, header: describe(head, cells) }
      isUnread = false
      continue
    }
    const { cells: positions, name, number: own } = part
    const above = head
    const field = (wanted: string) => {
      const position = positions.get(plain(wanted))
      return (position === undefined ? above?.get(plain(wanted)) : cells[position])?.trim() ?? ''
    }
    yield { format: name, part: own, line, field }
  }
}

type TableLayout = Extract<DistributorFormat['file'], { table: unknown }>['table']

function isHeader(
  names: readonly string[],
  head: ReadonlyMap<string, string> | undefined,
  { only }: DistributorFormat,
  layout: TableLayout,
): boolean {
  if (!layout.header.every(name => names.includes(plain(name)))) return false
  if (!layout.head) return true
  if (!head || !layout.head.every(name => head.has(plain(name)))) return false
  // What a head says of a part decides by which format the part is read.
  return Object.entries(only).every(([name, allowed]) => {
    const value = head.get(plain(name))
    return value === undefined || allowed.map(plain).includes(plain(value))
  })
}

function describe(head: ReadonlyMap<string, string> | undefined, cells: readonly string[]): string {
  const above = head
    ? `${[...head.values()].filter(value => value !== '' && !/\d{5}/.test(value)).join(', ')}: `
    : ''
  return `${above}${cells.join(';')}`.slice(0, 160)
}
