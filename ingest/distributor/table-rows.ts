import type { Content } from './contents.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { Formats } from './formats.ts'
import { type DistributorRow, plain, type UnreadPart } from './rows.ts'

type Table = Extract<Content, { records: unknown }>

const FIRST_LETTER = 'a'.charCodeAt(0)
/** A table whose first part has not begun by this line has none. */
const SEARCHED_LINES = 100

/**
 * The rows of a table in its order, by the formats that know the header above them. What stands above the header has a
 * name where a cell before it on its line ends with a colon, and the address that it has in a sheet (`E4`).
 */
export async function* tableRows(
  { kind, member, records }: Table,
  formats: Formats,
): AsyncGenerator<DistributorRow | UnreadPart> {
  const layouts = [...formats].flatMap(([name, format]) =>
    'table' in format.file ? [{ name, format, layout: format.file.table }] : [],
  )
  const heads = layouts.flatMap(({ layout }) => (layout.head ? [layout.head.map(plain)] : []))
  const labels = new Map([['sheet', member ?? '']])
  let head: Map<string, string> | undefined
  let headNames: string[] | undefined
  let part:
    | { name: string; until?: string | undefined; number: number; cells: Map<string, number> }
    | undefined
  let number = 0
  let isUnread = false
  /** The first line of what no header follows. */
  let first: UnreadPart | undefined
  let hasColumns = false
  for await (const { cells, line } of records()) {
    if (cells.every(cell => cell.trim() === '')) continue
    if (number === 0 && line > SEARCHED_LINES) break
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
      else if (number === 0 && !head) {
        noteLabels(labels, cells, line)
        hasColumns ||= cells.filter(cell => cell.trim() !== '').length > 1
        first ??= { line, header: describe(head, cells) }
      }
      isUnread = false
      continue
    }
    const { cells: positions, name, number: own } = part
    const above = head
    const field = (wanted: string) => {
      const key = plain(wanted)
      const position = positions.get(key) ?? columnNamed(key)
      const text = position === undefined ? (above?.get(key) ?? labels.get(key)) : cells[position]
      return text?.trim() ?? ''
    }
    yield { format: name, part: own, line, field }
  }
  // A sheet of words, such as a cover, holds no table.
  if (number === 0 && first && (kind === 'table' || hasColumns)) yield first
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

/** What stands above a header: each cell by its address, and by the label before it. */
function noteLabels(labels: Map<string, string>, cells: readonly string[], line: number): void {
  let label: string | undefined
  for (const [column, cell] of cells.entries()) {
    const text = cell.trim()
    if (text === '') continue
    if (label !== undefined) labels.set(label, text)
    label = text.endsWith(':') ? plain(text.slice(0, -1)) : undefined
    labels.set(`${String.fromCharCode(FIRST_LETTER + column)}${line}`, text)
  }
}

/** `column i` is the ninth, from 0. */
function columnNamed(name: string): number | undefined {
  const letter = /^column ([a-z])$/.exec(name)?.[1]
  return letter === undefined ? undefined : letter.charCodeAt(0) - FIRST_LETTER
}
